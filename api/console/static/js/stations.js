/** The middle: every station with its last values, their age and its state. */
import { html } from "./vendor.js";
import { age, number, unitText } from "./format.js";
import { propertyName } from "./names.js";
import { now } from "./now.js";
import { State } from "./shapes.js";
import { alerts, chosen, latest, stationKey, stations } from "./state.js";
import { zh } from "./site.js";
import { t } from "./words.js";

const KINDS = ["water", "air", "source", "vehicle", "camera"];
const HIDDEN = new Set(["lon", "lat", "frame_bytes"]);

export function Stations() {
  const groups = KINDS.map((kind) => [kind, stations.value.filter((one) => one.kind === kind && !one.gateway)]);
  const values = valuesByStation();
  const over = overLimit();
  return html`<section class="middle stations" aria-label=${t("nav.desk")}>
    ${groups.map(
      ([kind, list]) =>
        list.length > 0 &&
        html`<h2>${t(`stations.${kind}`)} <span class="mute">${list.filter((one) => fresh(one, values) === "online").length}/${list.length}</span></h2>
          <table>
            <tbody>
              ${list.map((one) => html`<${Line} key=${stationKey(one)} station=${one} values=${values.get(stationKey(one)) ?? []} over=${over} />`)}
            </tbody>
          </table>`,
    )}
  </section>`;
}

function Line({ station, values, over }) {
  const last = Math.max(...values.map((one) => Date.parse(one.time)));
  const state = fresh(station, new Map([[stationKey(station), values]]));
  const name = (zh ? station.name_zh : station.name_en) || station.device;
  return html`<tr class=${state === "online" ? "" : "off"}>
    <td><${State} state=${state} /></td>
    <td class="place"><button class="name" onClick=${() => (chosen.value = { station: stationKey(station), property: values[0]?.property })}>${name}</button></td>
    <td class="values">
      ${values
        .filter((one) => !HIDDEN.has(one.property))
        .map((one) => {
          const flagged = one.checks.length > 0 || !["", "N"].includes(one.quality);
          const key = `${stationKey(station)}/${one.property}`;
          return html`<span class="${over.has(key) ? "over" : ""} ${flagged ? "flagged" : ""}" title=${[one.quality, ...one.checks].filter(Boolean).join(" ")}>
            ${propertyName(one)} <b>${number(one.value)}</b> ${unitText(one.unit)}
          </span>`;
        })}
    </td>
    <td class="age">${Number.isFinite(last) ? age((now.value - last) / 1000) : t("age.never")}</td>
  </tr>`;
}

function valuesByStation() {
  const groups = new Map();
  for (const one of latest.value.values()) {
    const key = stationKey(one);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(one);
  }
  return groups;
}

function overLimit() {
  const found = new Set();
  for (const one of alerts.value.values()) {
    if (["active", "clearing"].includes(one.condition)) found.add(`${stationKey(one.target)}/${one.target.property ?? ""}`);
  }
  return found;
}

/** The state as it is now: the last answer of the hub, aged by the page's own clock. */
export function fresh(station, values) {
  const list = values.get(stationKey(station)) ?? [];
  const last = Math.max(...list.map((one) => Date.parse(one.time)), station.last_seen ? Date.parse(station.last_seen) : -Infinity);
  if (!Number.isFinite(last)) return "never";
  if (station.said === "offline") return "offline";
  const patience = (station.period_s ?? 300) * 2500;
  return now.value - last > Math.max(patience, 15_000) ? "silent" : "online";
}
