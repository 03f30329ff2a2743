/** The right column: the one incident, its three steps, the next action, the proof. */
import { html, useEffect, useState } from "./vendor.js";
import { ask } from "./ask.js";
import { Chart } from "./chart.js";
import { full, number, unitText, when } from "./format.js";
import { get, post } from "./http.js";
import { propertyName, stationName, title } from "./names.js";
import { now } from "./now.js";
import { Level } from "./shapes.js";
import { chosen, incidents, latest, stations, stationKey, streams, touched } from "./state.js";
import { has, t } from "./words.js";

const DONE = new Set(["delivered", "sent", "accepted"]);
const KEYS = { acknowledge: "A", close: "E", reject: "F", note: "N", reopen: "R" };

export function Detail() {
  if (chosen.value.incident) return html`<section><${Incident} id=${chosen.value.incident} /></section>`;
  if (chosen.value.station) return html`<section><${Station} station=${chosen.value.station} property=${chosen.value.property} /></section>`;
  return html`<section><p class="empty">${t("choose")}</p></section>`;
}

function Incident({ id }) {
  const [detail, setDetail] = useState(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    get(`/v1/incidents/${id}`).then((found) => (setDetail(found), setProblem("")), (error) => setProblem(error.message));
  }, [id, touched.value]);
  if (problem) return html`<p class="failed" role="alert">${t("failed", { why: problem })}</p>`;
  if (!detail || (detail.incident ?? detail).id !== id) return html`<p class="empty loading">${t("loading")}</p>`;
  const incident = { ...(detail.incident ?? detail), ...incidents.value.get(id) };
  const [alert] = detail.alerts;
  const target = { ...incident.target, property: incident.target.property };
  return html`<article class="incident" aria-label=${incident.number}>
    <div>
      <h1>${title(target, alert?.rule.id)} · ${stationName(target)}</h1>
      <p class="small mute">${incident.number} · ${full(incident.opened)} · ${t(`level.${incident.level}`)}</p>
    </div>
    <${Steps} incident=${incident} deliveries=${detail.deliveries} />
    <${Actions} incident=${incident} />
    ${target.property && html`<${Chart} target=${target} limit=${alert?.limit} unit=${unitText(alert?.unit)} refresh=${Math.floor(now.value / 10_000)} />`}
    ${alert && html`<${Facts} alert=${alert} />`}
    <${Deliveries} deliveries=${detail.deliveries} />
    <${Timeline} log=${detail.log} />
  </article>`;
}

function Steps({ incident, deliveries }) {
  const delivered = deliveries.filter((one) => DONE.has(one.state)).length;
  const told = deliveries.length ? t("step.told", { done: delivered, all: deliveries.length }) : t("step.nobody");
  const solve = incident.closed ? t("step.closed", { who: incident.closed_by }) : incident.acknowledged ? t("step.by", { who: incident.acknowledged_by }) : t("step.open");
  return html`<div class="steps">
    <div class="done"><b>${t("step.discover")}</b> ${when(incident.opened)}</div>
    <div class=${delivered ? "done" : ""}><b>${t("step.notify")}</b><br />${told}</div>
    <div class=${incident.acknowledged ? "done" : ""}><b>${t("step.solve")}</b><br />${solve}</div>
  </div>`;
}

/** Which actions an incident offers now; the first is the next step. @param {any} incident */
export function offered(incident) {
  if (!incident) return [];
  return { detected: ["acknowledge", "reject", "note"], acknowledged: ["close", "reject", "note"] }[incident.state] ?? ["reopen"];
}

/** @param {string} action @param {any} incident */
export async function act(action, incident) {
  const reason = await ask(t(`action.${action}`), t(`reason.${action}`), async (text) => {
    const body = action === "reject" ? { verdict: "false", reason: text } : { reason: text };
    await post(`/v1/incidents/${incident.id}/${action}`, body, { "If-Match": `"${incident.version}"` });
  });
  if (reason !== null) touched.value += 1;
}

function Actions({ incident }) {
  return html`<div class="actions">
    ${offered(incident).map(
      (action, place) => html`<button class=${place === 0 ? "primary" : ""} data-action=${action} onClick=${() => act(action, incident)}>
        ${t(`action.${action}`)} <kbd>${KEYS[action]}</kbd>
      </button>`,
    )}
  </div>`;
}

function Facts({ alert }) {
  const unit = unitText(alert.unit);
  const rows = [
    [t("facts.condition"), html`<${Level} level=${alert.level} /> ${t(`condition.${alert.condition}`)}`],
    [t("facts.value"), alert.value === null ? "–" : `${number(alert.value)} ${unit}`],
    [t("facts.limit"), alert.limit === null ? "–" : `${number(alert.limit)} ${unit}`],
    [t("facts.begin"), full(alert.breach_start)],
    [t("facts.coverage"), alert.coverage === null ? "–" : `${Math.round(alert.coverage * 100)} %`],
    [t("facts.rule"), `${alert.rule.id} · ${t("facts.version", { n: alert.rule.version })}`],
  ];
  return html`<div class="card"><div><dl class="facts-list">${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></div></div>`;
}

function Deliveries({ deliveries }) {
  return html`<div class="card">
    <header><h2>${t("delivery")}</h2></header>
    <div>
      ${!deliveries.length && html`<p class="small mute">${t("delivery.none")}</p>`}
      ${deliveries.map(
        (one) => html`<div class="told">
          <span>${one.receiver} <span class="mute">${one.channel} · ${one.type}</span></span>
          <span class=${DONE.has(one.state) ? "cok" : one.state === "queued" ? "" : "c1"}>${has(`delivery.${one.state}`) ? t(`delivery.${one.state}`) : one.state} ${when(one.done)}</span>
          ${one.answer && html`<span class="answer">${one.answer} · ${t("delivery.attempts", { n: one.attempts.length })}</span>`}
        </div>`,
      )}
    </div>
  </div>`;
}

function Timeline({ log }) {
  const last = log.at(-1);
  return html`<div class="card">
    <header><h2>${t("timeline")}</h2>${last && html`<span class="small mute">${t("timeline.chain", { hash: last.hash.slice(0, 8) })}</span>`}</header>
    <ul>
      ${[...log].reverse().map((one) => {
        const known = has(`log.${one.kind}`);
        const values = { who: one.actor, reason: one.reason, level: one.after?.level ?? "", kind: one.kind };
        return html`<li class="line"><time>${when(one.at)}</time><span>${t(known ? `log.${one.kind}` : "log.other", values)}</span></li>`;
      })}
    </ul>
  </div>`;
}

function Station({ station, property }) {
  const entry = stations.value.find((one) => stationKey(one) === station);
  const values = [...latest.value.values()].filter((one) => stationKey(one) === station);
  const [department, kind, device] = station.split("/");
  const target = { department, kind, device, property };
  if (!entry) return html`<p class="empty">${station}</p>`;
  return html`<article class="incident">
    <div>
      <h1>${stationName(target)}</h1>
      <p class="small mute">${station}${entry.period_s ? ` · ${entry.period_s} s` : ""}</p>
    </div>
    <div class="actions">
      ${values.map(
        (one) => html`<button aria-pressed=${one.property === property} class=${one.property === property ? "primary" : ""} onClick=${() => (chosen.value = { station, property: one.property })}>
          ${propertyName(one)}
        </button>`,
      )}
    </div>
    ${property && html`<${Chart} target=${target} unit=${unitText(streams.value.get(`${station}/${property}`)?.unit)} refresh=${Math.floor(now.value / 10_000)} />`}
  </article>`;
}
