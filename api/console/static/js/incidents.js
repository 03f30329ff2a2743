/** The left column: incidents worst first, one row an incident. */
import { html } from "./vendor.js";
import { age, number, unitText } from "./format.js";
import { stationName, title } from "./names.js";
import { Level } from "./shapes.js";
import { alertsOf, byState, chosen, loaded, tab } from "./state.js";
import { now } from "./now.js";
import { t } from "./words.js";

const TABS = ["detected", "acknowledged", "closed"];
const NEW_FOR = 4000;

export function Incidents() {
  const groups = byState.value;
  return html`<section aria-label=${t("tab.detected")}>
    <div class="tabs" role="tablist">
      ${TABS.map(
        (name) => html`<button role="tab" aria-selected=${tab.value === name} onClick=${() => (tab.value = name)}>
          ${t(`tab.${name}`)}<b>${groups[name].length}</b>
        </button>`,
      )}
    </div>
    <div role="listbox" aria-label=${t(`tab.${tab.value}`)} id="incidents"><${List} items=${groups[tab.value]} /></div>
  </section>`;
}

function List({ items }) {
  if (loaded.value === "loading") return html`<p class="empty loading">${t("loading")}</p>`;
  if (loaded.value !== "ready") return html`<p class="failed" role="alert">${t("failed", { why: loaded.value })}</p>`;
  if (!items.length) return html`<p class="empty">${t(`empty.${tab.value}`)}</p>`;
  return items.map((one) => html`<${Row} key=${one.id} incident=${one} />`);
}

function Row({ incident }) {
  const [alert] = alertsOf(incident.id);
  const value = alert?.value === null || alert?.value === undefined ? "" : `${number(alert.value)} ${unitText(alert.unit)}`;
  const limit = alert?.limit === null || alert?.limit === undefined ? "" : t("limit", { limit: number(alert.limit) });
  const selected = chosen.value.incident === incident.id;
  const fresh = incident.arrived && now.value - incident.arrived < NEW_FOR;
  return html`<button
    role="option"
    class="row ${fresh ? "new" : ""}"
    data-incident=${incident.id}
    data-state=${incident.state}
    aria-selected=${selected}
    title=${`${title(incident.target, alert?.rule.id)} ${value} ${limit} · ${stationName(incident.target)}`}
    onClick=${() => (chosen.value = { incident: incident.id })}
  >
    <${Level} level=${incident.level} />
    <span class="title"><b>${title(incident.target, alert?.rule.id)}</b><span class="mute">${value}${limit && ` · ${limit}`}</span></span>
    <span class="age">${age((now.value - Date.parse(incident.opened)) / 1000)}</span>
    <span class="where">${stationName(incident.target)} · ${incident.number.split("-").slice(-2).join("-")}</span>
    <span class="state ${incident.state === "detected" && alert?.condition === "active" ? "due" : ""}">
      ${alert ? t(`condition.${alert.condition}`) : ""}
    </span>
  </button>`;
}
