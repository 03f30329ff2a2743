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
const HIDDEN = new Set(["lon", "lat", "frame_bytes", "fix", "ignition", "satellites", "signal_level", "altitude", "recorder_speed", "facility_running"]);
// A logger's own minute, hour and day data are for the analysis page; here is the moment.
const DERIVED = /_(minute|hour|day)(_(min|max|sum))?$/;
const shown = (property) => !HIDDEN.has(property) && !DERIVED.test(property);
const VALID = new Set(["", "N"]);

export function Stations() {
  const groups = KINDS.map((kind) => [kind, stations.value.filter((one) => one.kind === kind && !one.gateway)]);
  const values = valuesByStation();
  const over = overLimit();
  return html`<div class="stations">
    ${groups.map(([kind, list]) => list.length > 0 && html`<${Kind} key=${kind} kind=${kind} list=${list} values=${values} over=${over} />`)}
  </div>`;
}

/** Stations that measure nothing in common stand in tables of their own: outlets and stacks, water quality and hydrology. */
function families(list, values) {
  const found = [];
  for (const station of list) {
    const names = new Set([...(values.get(stationKey(station)) ?? new Map()).keys()].filter(shown));
    const alike = found.filter((one) => !names.size || [...names].some((name) => one.names.has(name)));
    const whole = alike[0] ?? { names: new Set(), list: [] };
    if (!alike.length) found.push(whole);
    for (const other of alike.slice(1)) {
      for (const name of other.names) whole.names.add(name);
      whole.list.push(...other.list);
      found.splice(found.indexOf(other), 1);
    }
    for (const name of names) whole.names.add(name);
    whole.list.push(station);
  }
  return found.map((one) => one.list).sort((a, b) => b.length - a.length);
}

function Kind({ kind, list, values, over }) {
  const online = list.filter((one) => fresh(one, values) === "online").length;
  return html`<h2>${t(`stations.${kind}`)} <span class="mute">${online}/${list.length}</span></h2>
    ${families(list, values).map((alike) => html`<${Alike} key=${stationKey(alike[0])} list=${alike} values=${values} over=${over} />`)}`;
}

function Alike({ list, values, over }) {
  const heads = new Map();
  for (const one of list) for (const value of (values.get(stationKey(one)) ?? new Map()).values()) if (shown(value.property)) heads.set(value.property, value);
  const columns = [...heads.keys()].sort((a, b) => order(a) - order(b));
  return html`<table>
      <thead>
        <tr>
          <th scope="col"></th>
          <th scope="col"></th>
          ${columns.map((name) => html`<th scope="col">${propertyName(heads.get(name))}<br /><span>${unitText(heads.get(name).unit)}</span></th>`)}
        </tr>
      </thead>
      <tbody>
        ${list.map((one) => html`<${Line} key=${stationKey(one)} station=${one} values=${values} columns=${columns} over=${over} />`)}
      </tbody>
    </table>`;
}

const ORDER = ["level", "flow", "rain", "ph", "do", "cod_mn", "cod", "nh3_n", "tp", "tn", "turbidity", "conductivity", "temperature", "pm2_5", "pm10", "o3", "no2", "so2", "co", "speed", "heading", "load"];
const order = (name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);

function Line({ station, values, columns, over }) {
  const key = stationKey(station);
  const own = values.get(key) ?? new Map();
  const last = Math.max(...[...own.values()].map((one) => Date.parse(one.time)));
  const state = fresh(station, values);
  const name = (zh ? station.name_zh : station.name_en) || station.device;
  const choose = (property) => () => (chosen.value = { station: key, property: property ?? columns.find((one) => own.has(one)) });
  return html`<tr class=${state === "online" ? "" : "off"}>
    <td><button class="name" onClick=${choose()}><${State} state=${state} />${name}</button></td>
    <td class="mute">${Number.isFinite(last) ? age((now.value - last) / 1000) : t("age.never")}</td>
    ${columns.map((property) => html`<${Cell} value=${own.get(property)} over=${over.has(`${key}/${property}`)} onClick=${choose(property)} />`)}
  </tr>`;
}

function Cell({ value, over, onClick }) {
  if (!value) return html`<td></td>`;
  const flags = [VALID.has(value.quality) ? "" : value.quality, ...value.checks].filter(Boolean);
  return html`<td class="${over ? "over" : ""} ${flags.length ? "flagged" : ""}" title=${flags.join(" ")} onClick=${onClick}>${number(value.value)}</td>`;
}

export function valuesByStation() {
  const groups = new Map();
  for (const one of latest.value.values()) {
    const key = stationKey(one);
    if (!groups.has(key)) groups.set(key, new Map());
    groups.get(key).set(one.property, one);
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
  const list = [...(values.get(stationKey(station)) ?? new Map()).values()];
  const last = Math.max(...list.map((one) => Date.parse(one.time)), station.last_seen ? Date.parse(station.last_seen) : -Infinity);
  if (!Number.isFinite(last)) return "never";
  if (station.said === "offline") return "offline";
  const patience = (station.period_s ?? 300) * 2500;
  return now.value - last > Math.max(patience, 15_000) ? "silent" : "online";
}
