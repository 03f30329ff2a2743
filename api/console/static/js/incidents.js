/** The left column: one row an incident, nobody's first, the worst on top; until when something must be done stands on the right. */
import { html } from "./vendor.js";
import { Drawing } from "./drawings.js";
import { age, number, unitText } from "./format.js";
import { countdown } from "./incident/clocks.js";
import { called } from "./incident/staff.js";
import { connected, heard } from "./live.js";
import { incidentTitle, placeName } from "./names.js";
import { Level } from "./shapes.js";
import { alertsOf, byState, chosen, load, loaded, tab } from "./state.js";
import { now } from "./now.js";
import { t } from "./words.js";

const TABS = ["detected", "acknowledged", "closed"];
const NEW_FOR = 4000;
const MOST = 200;
const STALE = 30_000;

export function Incidents() {
  const groups = byState.value;
  return html`<section class="left" aria-label=${t("desk.list")}>
    <h1 class="unseen">${t("nav.desk")}</h1>
    <div class="tabs" role="tablist">
      ${TABS.map((name) => html`<button role="tab" aria-selected=${tab.value === name} onClick=${() => (tab.value = name)}>${t(`tab.${name}`)}<b>${groups[name].length}</b></button>`)}
    </div>
    <${Stale} />
    <div role="listbox" aria-label=${t(`tab.${tab.value}`)} id="incidents" tabindex=${groups[tab.value].length ? undefined : 0}><${List} items=${groups[tab.value]} /></div>
  </section>`;
}

/** What is shown may be old: said before anything else. */
export function Stale() {
  const silent = now.value - heard.value;
  if (!heard.value || (connected.value && silent < STALE)) return null;
  return html`<${Drawing} kind="stale" text=${t("stale", { age: age(silent / 1000) })} />`;
}

function List({ items }) {
  if (loaded.value === "loading") return html`<${Drawing} kind="loading" text=${t("loading")} />`;
  if (loaded.value !== "ready") return html`<${Drawing} kind="failed" text=${t("failed", { why: loaded.value })} again=${load} />`;
  if (!items.length) return html`<${Drawing} kind="empty" text=${t(`empty.${tab.value}`)} />`;
  return html`${items.slice(0, MOST).map((one) => html`<${Row} key=${one.id} incident=${one} />`)}
    ${items.length > MOST && html`<p class="small mute pad" role="option" aria-selected="false">${t("desk.more", { n: items.length - MOST })}</p>`}`;
}

/** @param {{incident: any, wall?: boolean}} props */
export function Row({ incident, wall = false }) {
  const [alert] = alertsOf(incident.id);
  const value = alert?.value === null || alert?.value === undefined || incident.type === "storm" ? "" : `${number(alert.value)} ${unitText(alert.unit)}`;
  const limit = !value || alert?.limit === null || alert?.limit === undefined ? "" : t("limit", { limit: number(alert.limit) });
  const fresh = incident.arrived && now.value - incident.arrived < NEW_FOR;
  const [name, place] = [incidentTitle(incident, alert), placeName(incident)];
  const { text, due } = countdown(incident, now.value);
  const open = tab.value !== "closed" || wall;
  const body = html`<${Level} level=${incident.level} />
    <span class="title"><b>${name}</b>${incident.count > 1 && html`<span class="count">×${incident.count}</span>`}<span class="mute">${value}${limit && ` · ${limit}`}</span></span>
    <span class="age">${age((now.value - Date.parse(incident.opened)) / 1000)}</span>
    <span class="where">${place}${incident.owner ? ` · ${called(incident.owner)}` : incident.acknowledged_by && open ? ` · ${called(incident.acknowledged_by)}` : ""} · ${incident.number.split("-").slice(-1)}</span>
    <span class="state ${due ? "due" : ""}">${open ? text || t(`state.${incident.state}`) : t(`state.${incident.state}`)}</span>`;
  const words = `row ${fresh ? "new" : ""} ${open && ["detected", "verified"].includes(incident.state) ? "waits" : ""}`;
  if (wall) return html`<div class=${words} data-incident=${incident.id} data-state=${incident.state}>${body}</div>`;
  return html`<button
    role="option"
    class=${words}
    data-incident=${incident.id}
    data-state=${incident.state}
    aria-selected=${chosen.value.incident === incident.id}
    title=${`${name} ${value} ${limit} · ${place} · ${incident.number}`}
    onClick=${() => (chosen.value = { incident: incident.id })}
  >
    ${body}
  </button>`;
}
