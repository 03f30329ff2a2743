/** What it is, its three steps, the next action, and what somebody else did meanwhile. */
import { html } from "../vendor.js";
import { full, when } from "../format.js";
import { incidentTitle, placeName } from "../names.js";
import { now } from "../now.js";
import { Level } from "../shapes.js";
import { t } from "../words.js";
import { act, busy, clash, KEYS, nextStep, offered, trouble } from "./acts.js";
import { countdown } from "./clocks.js";
import { joined } from "./missing.js";
import { called } from "./staff.js";

const REACHED = new Set(["delivered", "sent", "accepted"]);

export function Head({ whole, linked }) {
  const { text, due } = countdown(whole, now.value);
  const name = `${incidentTitle(whole, whole.alerts[0])} · ${placeName(whole)}`;
  return html`<header class="incident-head">
    <h1><${Level} level=${whole.level} /> ${linked ? html`<a href=${`/incidents/${whole.number}`} title=${t("incident.whole")}>${name}</a>` : name}</h1>
    <p class="small mute">${whole.number} · ${full(whole.opened)} · ${t(`level.${whole.level}`)} · <b>${t(`state.${whole.state}`)}</b>${whole.owner ? ` · ${called(whole.owner)}` : ""}${whole.round > 1 ? ` · ${t("incident.round", { n: whole.round })}` : ""}${whole.latched ? ` · ${t("incident.latched")}` : ""}${whole.overridden ? html` · <b class="c2">${t("incident.overridden")}</b>` : ""}</p>
    ${text && html`<p class=${due ? "c1 strong" : "small mute"}>${text}</p>`}
    ${whole.root && html`<p class="small">${t("incident.root")} <a href=${`/incidents/${whole.root}`}>${whole.root}</a></p>`}
    ${whole.merged?.length > 0 && html`<p class="small mute">${t("incident.merged", { numbers: joined(whole.merged) })}</p>`}
  </header>`;
}

export function Steps({ whole }) {
  const told = whole.deliveries.filter((one) => REACHED.has(one.state)).length;
  const read = whole.ladders.filter((one) => one.read).length;
  const first = whole.deliveries.find((one) => one.done)?.done;
  const solve = whole.closed ? t("step.closed", { who: called(whole.closed_by) }) : whole.solved ? t("state.solved") : whole.arrived ? t("step.arrived", { at: when(whole.arrived) }) : whole.owner ? t("step.owner", { who: called(whole.owner) }) : whole.acknowledged ? t("step.by", { who: called(whole.acknowledged_by) }) : t("step.open");
  return html`<div class="steps">
    <div class="done"><b>${t("step.discover")}</b> ${when(whole.opened)}<br />${whole.verified ? t("step.verified", { at: when(whole.verified) }) : t("step.unverified")}</div>
    <div class=${told ? "done" : ""}><b>${t("step.notify")}</b> ${when(first)}<br />${whole.deliveries.length ? t("step.told", { done: told, all: whole.deliveries.length }) : t("step.nobody")}${read ? ` · ${t("step.read", { n: read })}` : ""}</div>
    <div class=${whole.closed || whole.solved ? "done" : whole.acknowledged ? "half" : ""}><b>${t("step.solve")}</b> ${when(whole.dispatched)}<br />${solve}</div>
  </div>`;
}

/** @param {{whole: any, all?: boolean}} props `all`: also what is seldom done. */
export function Actions({ whole, all }) {
  const next = nextStep(whole, whole.contract);
  const rare = new Set(["merge", "silence", "check-in"]);
  const list = offered(whole).filter((one) => all || !rare.has(one));
  const sorted = [...list].sort((a, b) => Number(b === next) - Number(a === next));
  if (!sorted.length) return null;
  return html`<div class="actions" role="group" aria-label=${t("incident.actions")}>
    ${sorted.map((one) => html`<button key=${one} class=${one === next ? "primary" : ""} data-action=${one} disabled=${busy.value.has(`${whole.id} ${one}`)} onClick=${() => act(one, whole)}>${t(label(one, whole))} <kbd>${KEYS[one]}</kbd></button>`)}
  </div>`;
}

const label = (action, whole) => (action === "assign" && whole.owner ? "action.reassign" : action === "acknowledge" && whole.state === "verified" ? "action.take" : `action.${action}`);

/** Somebody was quicker. */
export function Clash({ whole }) {
  const found = clash.value[whole.id];
  const wrong = trouble.value[whole.id];
  if (wrong) return html`<p class="notice bad" role="alert">${wrong}</p>`;
  if (!found) return null;
  return html`<div class="notice" role="alert">
    <b>${t("clash", { action: t(`action.${found.action}`), state: t(`state.${found.state}`) })}</b>
    <ul class="small">${found.lines.map((one) => html`<li>${one}</li>`)}</ul>
    <button class="small" onClick=${() => (clash.value = { ...clash.value, [whole.id]: null })}>${t("clash.seen")}</button>
  </div>`;
}
