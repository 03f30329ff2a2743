/** The right column: the one incident with its next action and proof, or the one station. */
import { html } from "./vendor.js";
import { Chart } from "./chart.js";
import { Drawing, trouble } from "./drawings.js";
import { unitText } from "./format.js";
import { Contract } from "./incident/contract.js";
import { Delivery } from "./incident/delivery.js";
import { Evidence } from "./incident/evidence.js";
import { Actions, Clash, Head, Steps } from "./incident/head.js";
import { useIncident } from "./incident/read.js";
import { Timeline } from "./incident/timeline.js";
import { propertyName, stationName } from "./names.js";
import { now } from "./now.js";
import { byState, chosen, latest, loaded, stationKey, stations, streams } from "./state.js";
import { t } from "./words.js";

export function Detail() {
  const { incident, station, property } = chosen.value;
  if (incident) return html`<section class="one" aria-label=${t("desk.one")}><${Incident} id=${incident} /></section>`;
  if (station) return html`<section class="one" aria-label=${t("desk.one")}><${Station} station=${station} property=${property} /></section>`;
  const quiet = loaded.value === "ready" && !byState.value.detected.length;
  return html`<section class="one" aria-label=${t("desk.one")}><${Drawing} kind="empty" text=${t(quiet ? "desk.quiet" : "choose")} /></section>`;
}

function Incident({ id }) {
  const { whole, error, again } = useIncident(id);
  if (!whole) return error ? trouble(error, again) : html`<${Drawing} kind="loading" text=${t("loading")} />`;
  return html`<article class="incident" aria-label=${whole.number}>
    ${error && html`<p class="notice bad small" role="alert">${t("failed", { why: error.message })}</p>`}
    <${Head} whole=${whole} linked=${true} />
    <${Steps} whole=${whole} />
    <${Actions} whole=${whole} />
    <${Clash} whole=${whole} />
    <${Evidence} whole=${whole} />
    <${Delivery} deliveries=${whole.deliveries} ladders=${whole.ladders} next=${whole.next} />
    <${Contract} contract=${whole.contract} state=${whole.state} />
    <${Timeline} log=${whole.log} />
    <p><a href=${`/incidents/${whole.number}`}>${t("incident.whole")} <kbd>I</kbd></a></p>
  </article>`;
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
      ${values.map((one) => html`<button aria-pressed=${one.property === property} class=${one.property === property ? "on" : ""} onClick=${() => (chosen.value = { station, property: one.property })}>${propertyName(one)}</button>`)}
    </div>
    ${property && html`<${Chart} target=${target} unit=${unitText(streams.value.get(`${station}/${property}`)?.unit)} refresh=${Math.floor(now.value / 10_000)} />`}
  </article>`;
}
