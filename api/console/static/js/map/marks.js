/** Every station and vehicle with a place: what the list names and the map draws. */
import { computed, signal } from "../vendor.js";
import { get } from "../http.js";
import { title } from "../names.js";
import { now } from "../now.js";
import { alerts, latest, stationKey, stations } from "../state.js";
import { lang, zh } from "../site.js";
import { query, shown } from "./view.js";

const RINGING = new Set(["active", "clearing", "unknown"]);
export const KINDS = ["vehicle", "water", "source", "air", "camera"];

/** What the hub last said of the vehicles, by station: the newest place that can be one, papers. */
export const vehicles = signal(new Map());

export async function loadVehicles() {
  const { items } = await get("/v1/vehicles?limit=10000");
  vehicles.value = new Map(items.map((one) => [stationKey(one), one]));
}

/** The alerts that stand, by station, the worst first. */
export const standing = computed(() => {
  const found = new Map();
  for (const one of alerts.value.values()) {
    if (!RINGING.has(one.condition)) continue;
    const key = stationKey(one.target);
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(one);
  }
  for (const list of found.values()) list.sort((a, b) => a.level - b.level || Date.parse(b.breach_start) - Date.parse(a.breach_start));
  return found;
});

/** The newest values by station, then property. */
export const values = computed(() => {
  const found = new Map();
  for (const one of latest.value.values()) {
    const key = stationKey(one);
    let own = found.get(key);
    if (!own) found.set(key, (own = { last: 0, by: new Map() }));
    own.by.set(one.property, one);
    own.last = Math.max(own.last, Date.parse(one.time));
  }
  return found;
});

/** What an alert is about in a few words: the device's own finding by its name where there is one. @param {any} alert */
export function about(alert) {
  return title(alert.target, alert.rule.id);
}

/** @typedef {{key: string, kind: string, name: string, device: string, state: string, last: number, place: number[] | null, heading: number | null, fixed: boolean, level: number, alerts: any[], said: string | null, period: number | null}} Mark */

/** The register in the list's order, which changes seldom. */
const ordered = computed(() => {
  const { compare } = new Intl.Collator(lang, { numeric: true });
  const named = stations.value.filter((one) => !one.gateway).map((one) => [one, nameOf(one)]);
  return named.sort(([a, an], [b, bn]) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || compare(an, bn)).map(([one]) => one);
});

/** All marks, what rings first. */
export const marks = computed(() => {
  const grades = [[], [], [], [], []];
  for (const one of ordered.value.map(mark)) grades[one.level].push(one);
  return [...grades[1], ...grades[2], ...grades[3], ...grades[4], ...grades[0]];
});

/** The marks that the filters leave. */
export const wanted = computed(() => {
  const words = query.value.trim().toLowerCase();
  const kind = shown.value;
  return marks.value.filter(
    (one) => (kind === "all" || (kind === "alerts" ? one.level : one.kind === kind)) && (!words || `${one.name} ${one.device}`.toLowerCase().includes(words)),
  );
});

/** How each station stands now, aged by the page's own clock. */
export function stateOf(one, at) {
  if (!one.last) return "never";
  if (one.said === "offline") return "offline";
  return at - one.last > Math.max((one.period ?? 300) * 2500, 15_000) ? "silent" : "online";
}

/** The state of a mark now. */
export const stateNow = (one) => stateOf(one, now.value);

function mark(station) {
  const key = stationKey(station);
  const own = values.value.get(key);
  const ringing = standing.value.get(key) ?? [];
  const last = Math.max(own?.last ?? 0, station.last_seen ? Date.parse(station.last_seen) : 0);
  return {
    key,
    kind: station.kind,
    device: station.device,
    name: nameOf(station),
    last,
    said: station.said,
    period: station.period_s,
    place: placeOf(station, key, own),
    heading: number(own?.by.get("heading")),
    fixed: own?.by.get("lon")?.quality !== "D",
    level: ringing.length ? ringing[0].level : 0,
    alerts: ringing,
  };
}

const nameOf = (one) => (zh ? one.name_zh || one.name_en : one.name_en || one.name_zh) || one.device;
const number = (one) => (one && !one.checks.includes("range") ? one.value : null);

function placeOf(station, key, own) {
  const [lon, lat] = [number(own?.by.get("lon")), number(own?.by.get("lat"))];
  if (lon !== null && lat !== null) return [lon, lat];
  const known = vehicles.value.get(key) ?? station;
  return known.lon === null || known.lat === null ? null : [known.lon, known.lat];
}
