/** Handing the desk over: what stands open, the notes, and two signatures. */
import { html, render, signal } from "../vendor.js";
import { Drawing, trouble } from "../drawings.js";
import { full, when } from "../format.js";
import { fill } from "../form.js";
import { get, keyed, post, session } from "../http.js";
import { listen, start } from "../live.js";
import { stationName, incidentTitle, placeName } from "../names.js";
import { Level, NUMERALS } from "../shapes.js";
import { load, me, take } from "../state.js";
import { toggle } from "../sound.js";
import { Banner, Facts, watchAlarms } from "../top.js";
import { showKeys } from "../keys.js";
import { has, t } from "../words.js";

const draft = signal(null);
const past = signal([]);
const error = signal(null);
const busy = signal(false);
const said = signal("");

async function refresh() {
  try {
    const [now, list] = await Promise.all([get("/v1/shifts/draft"), get("/v1/shifts?limit=20")]);
    [draft.value, past.value, error.value] = [now, list.items, null];
  } catch (problem) {
    error.value = problem;
  }
}

async function give() {
  if (busy.value) return;
  busy.value = true;
  const key = keyed();
  await fill({ heading: t("handover.give"), lead: t("handover.give.lead"), go: t("handover.sign"), fields: [{ name: "note", label: t("handover.note"), kind: "area", optional: true }] }, async (values) => {
    await post("/v1/shifts", values, { "Idempotency-Key": key(values) });
    said.value = t("handover.given");
  });
  busy.value = false;
  await refresh();
}

async function receive(shift) {
  if (busy.value) return;
  busy.value = true;
  await fill({ heading: t("handover.take"), lead: t("handover.take.lead", { who: shift.given_by, n: shift.facts.open }), go: t("handover.sign"), fields: [{ name: "note", label: t("handover.note"), kind: "area", optional: true }] }, async (values) => {
    await post(`/v1/shifts/${shift.id}/take`, values);
    said.value = t("handover.taken");
  });
  busy.value = false;
  await refresh();
}

function Page() {
  if (error.value && !draft.value) return trouble(error.value, refresh);
  if (!draft.value) return html`<${Drawing} kind="loading" text=${t("loading")} />`;
  const { facts, waiting } = draft.value;
  const works = me.value.role !== "viewer";
  const mine = waiting?.given_by === me.value.name;
  return html`<h1>${t("nav.handover")}</h1>
    ${said.value && html`<p class="notice" role="status">${said.value}</p>`}
    ${waiting && html`<section class="card waiting-shift"><header><h2>${t("handover.waits", { who: waiting.given_by, at: full(waiting.given_at) })}</h2></header>
      <div>${waiting.note && html`<p class="words">${waiting.note}</p>`}
        <p class="small mute">${t(mine ? "handover.mine" : "handover.other", { n: waiting.facts.open })}</p>
        ${works && !mine && html`<div class="actions"><button class="primary" disabled=${busy.value} onClick=${() => receive(waiting)}>${t("handover.take")} <kbd>T</kbd></button></div>`}
      </div></section>`}
    <div class="actions">${works && html`<button class=${waiting && !mine ? "" : "primary"} disabled=${busy.value} onClick=${give}>${t(waiting ? "handover.again" : "handover.give")} <kbd>G</kbd></button>`}<button onClick=${() => print()}>${t("page.print")}</button></div>
    <${Sheet} facts=${facts} />
    <h2 class="past-head">${t("handover.past")}</h2>
    ${!past.value.length && html`<p class="small mute">${t("handover.none")}</p>`}
    ${past.value.map((one) => html`<${Past} key=${one.id} shift=${one} />`)}
    <p class="signatures"><span>${t("handover.giver")}</span><span>${t("handover.taker")}</span></p>`;
}

function Sheet({ facts }) {
  return html`<div class="sheet">
    <section class="card"><header><h2>${t("handover.open", { n: facts.open })}</h2>${facts.since && html`<span class="small mute">${t("handover.since", { at: full(facts.since) })}</span>`}</header><div>
      ${!facts.incidents.length && html`<p class="small mute">${t("handover.open.none")}</p>`}
      <ul class="lines">${facts.incidents.map((one) => html`<li><span><${Level} level=${one.level} /> <a href=${`/incidents/${one.number}`}>${incidentTitle(one)} · ${placeName(one)}</a>${one.count > 1 ? ` ×${one.count}` : ""}</span><span class="mute">${t(`state.${one.state}`)}${one.owner || one.acknowledged_by ? ` · ${one.owner ?? one.acknowledged_by}` : ""} · ${when(one.opened)}${one.solve_by ? ` · ${t("clock.solve")} ${when(one.solve_by)}` : ""}</span></li>`)}</ul>
      ${facts.open > facts.incidents.length && html`<p class="small mute">${t("handover.more", { n: facts.open - facts.incidents.length })}</p>`}
    </div></section>
    <section class="card"><header><h2>${t("handover.silences", { n: facts.silences.length })}</h2></header><div>
      ${!facts.silences.length && html`<p class="small mute">${t("page.silences.none")}</p>`}
      <ul class="lines">${facts.silences.map((one) => html`<li><span>${t("page.silence", { owner: one.owner, reason: one.reason, ends: full(one.ends) })}</span><span class="mute">${Object.values(one.matcher).join("/")} · ${t("silence.level", { level: NUMERALS[one.level] })}</span></li>`)}</ul>
    </div></section>
    <section class="card"><header><h2>${t("handover.feeds", { n: facts.feeds.length })}</h2></header><div>
      ${!facts.feeds.length && html`<p class="small mute">${t("handover.feeds.none")}</p>`}
      <ul class="lines">${facts.feeds.map((one) => html`<li><span>${feedName(one)}</span><span class="mute">${one.state === "part" ? one.detail : `${t(`state.${one.state}`)}${one.last ? ` · ${full(one.last)}` : ""}`}</span></li>`)}</ul>
    </div></section>
  </div>`;
}

function feedName(one) {
  if (one.state === "part") return has(`health.part.${one.name}`) ? t(`health.part.${one.name}`) : one.name;
  const [department, kind, device] = one.name.split("/");
  return `${t(`stations.${kind}`)} ${stationName({ department, kind, device })}`;
}

function Past({ shift }) {
  return html`<details class="card past"><summary><span>${full(shift.given_at)} · <b>${shift.given_by}</b> → ${shift.taken_by ? html`<b>${shift.taken_by}</b> ${when(shift.taken_at)}` : html`<span class="c2">${t("handover.untaken")}</span>`}</span><span class="small ${shift.sound ? "mute" : "c1 strong"}">${shift.sound ? t("timeline.chain", { hash: shift.hash.slice(0, 8) }) : t("handover.unsound")}</span></summary>
    <div>${[shift.note && t("handover.said", { who: shift.given_by, text: shift.note }), shift.taken_note && t("handover.said", { who: shift.taken_by, text: shift.taken_note })].filter(Boolean).map((one) => html`<p class="words">${one}</p>`)}<${Sheet} facts=${shift.facts} /></div>
  </details>`;
}

me.value = await session();
render(html`<${Facts} />`, document.getElementById("facts"));
render(html`<${Banner} />`, document.getElementById("banner"));
render(html`<${Page} />`, document.getElementById("page"));

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target instanceof Element && event.target.closest("input, textarea, select")) return;
  const waiting = draft.value?.waiting;
  const works = me.value.role !== "viewer";
  if (event.key === "?") showKeys([["G", "handover.give"], ["T", "handover.take"], ["S", "help.sound"], ["?", "help.help"]]);
  else if (event.key === "s") toggle();
  else if (event.key === "g" && works) give();
  else if (event.key === "t" && works && waiting && waiting.given_by !== me.value.name) receive(waiting);
  else return;
  event.preventDefault();
});

watchAlarms();
listen(take, load);
await start();
await Promise.all([load(), refresh()]);
