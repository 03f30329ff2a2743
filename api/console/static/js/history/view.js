/** What the page shows, as one signal; the address holds all of it, so that a link shows the same and the browser's back button works. */
import { computed, signal } from "../vendor.js";
import { DAY, bounds, dayOf } from "./span.js";

export const MOST = 8;
export const PERIODS = ["year", "month", "7d", "24h", "own"];
export const STEPS = ["raw", "1h", "1d", "1mo", "1y"];

/**
 * `stations` department/kind/device, `properties` at most two; `own` first and last day; `zoom` [from, to) ms within the period;
 * `limit` a limit's name, "" for what fits, "none"; `open` the row whose exceedances are listed.
 * @typedef {{stations: string[], properties: string[], period: string, own: {from: string, to: string}, zoom: [number, number] | null, step: string,
 *   compare: string, valid: boolean, limits: boolean, limit: string, sort: string, open: string}} View
 */

const DAY_TEXT = /^\d{4}-\d{2}-\d{2}$/;
const words = (text) => (text ?? "").split(",").filter(Boolean);
const among = (value, list, plain) => (list.includes(value) ? value : plain);

/** @param {string} query @returns {View} */
export function read(query) {
  const asked = new URLSearchParams(query);
  const own = { from: asked.get("from") ?? "", to: asked.get("to") ?? "" };
  const known = DAY_TEXT.test(own.from) && DAY_TEXT.test(own.to) && own.from <= own.to;
  const zoom = words(asked.get("zoom")).map((one) => Date.parse(one));
  return {
    stations: [...new Set(words(asked.get("stations")))].slice(0, MOST),
    properties: words(asked.get("properties")).slice(0, 2),
    period: known ? "own" : among(asked.get("period"), PERIODS.slice(0, 4), "year"),
    own: known ? own : { from: "", to: "" },
    zoom: zoom.length === 2 && zoom.every(Number.isFinite) && zoom[0] < zoom[1] ? [zoom[0], zoom[1]] : null,
    step: among(asked.get("step"), STEPS, "1d"),
    compare: among(asked.get("compare"), ["last_year", "last_month"], ""),
    valid: asked.get("valid") !== "false",
    limits: asked.get("limits") !== "false",
    limit: asked.get("limit") ?? "",
    sort: asked.get("sort") ?? "",
    open: asked.get("open") ?? "",
  };
}

/** The address of a view. @param {View} one */
export function address(one) {
  const asked = new URLSearchParams();
  const put = (name, value, plain) => value !== plain && asked.set(name, String(value));
  put("stations", one.stations.join(","), "");
  put("properties", one.properties.join(","), "");
  if (one.period === "own") for (const name of ["from", "to"]) asked.set(name, one.own[name]);
  else put("period", one.period, "year");
  if (one.zoom) asked.set("zoom", one.zoom.map((at) => new Date(at).toISOString()).join(","));
  put("step", one.step, "1d");
  put("compare", one.compare, "");
  put("valid", one.valid, true);
  put("limits", one.limits, true);
  for (const name of ["limit", "sort", "open"]) put(name, one[name], "");
  const text = asked.toString().replaceAll("%2F", "/").replaceAll("%2C", ",").replaceAll("%3A", ":");
  return text ? `${location.pathname}?${text}` : location.pathname;
}

export const view = signal(read(location.search));
/** Whose moment "now" is: the page's, so that a period does not move while it is looked at. */
export const opened = signal(Date.now());

/** The period, and what of it is shown, [from, to) in ms. */
export const period = computed(() => bounds(view.value.period, view.value.own, opened.value));
export const span = computed(() => (view.value.zoom ? { from: view.value.zoom[0], to: view.value.zoom[1] } : period.value));

/** The lines: each property of each station; at most MOST. */
export const lines = computed(() => {
  const { stations, properties } = view.value;
  const all = properties.flatMap((property) => stations.map((station) => ({ station, property, key: `${station}/${property}` })));
  return all.slice(0, MOST).map((line, place) => ({ ...line, place }));
});

/** Change the view; a new entry in the browser's history, unless it is `quiet`. @param {Partial<View>} change */
export function show(change, quiet = false) {
  const next = { ...view.value, ...change };
  if (address(next) === address(view.value)) return;
  view.value = next;
  history[quiet ? "replaceState" : "pushState"](null, "", address(next));
}

/** A link that shows the same later: a period that moves with the clock is pinned to its days. */
export function link() {
  const one = view.value;
  if (one.period === "own") return new URL(address(one), location.href).href;
  const { from, to } = period.value;
  const own = { from: dayOf(from), to: dayOf(to - 1) };
  const exact = one.period === "24h" && !one.zoom ? /** @type {[number, number]} */ ([from, to]) : one.zoom;
  return new URL(address({ ...one, period: "own", own, zoom: exact }), location.href).href;
}

addEventListener("popstate", () => (view.value = read(location.search)));

/** Whether the lines span more than three months. */
export const long = computed(() => span.value.to - span.value.from > 92 * DAY);
