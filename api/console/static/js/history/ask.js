/** What the hub is asked for the page: columns of a chart, windows, limits, the row of the table. */
import { get } from "../http.js";
import { LENGTH, following } from "./span.js";

/** More values than these are drawn as columns of pixels. */
const FEW = 4000;
const VALID = ["", "N"];
const REFUSED = ["range", "stuck", "spike", "rate"];

/**
 * One line of the chart; arrays of one length. `at` and `until` ms; `low`, `high`, `first`, `last` and `mean` null where no value is valid.
 * @typedef {{at: number[], until: number[], low: (number|null)[], high: (number|null)[], first: (number|null)[], last: (number|null)[],
 *   mean: (number|null)[], share: (number|null)[], count: number[], invalid: number[], letters: string[], checks: string[], raw: (number|null)[],
 *   unit: string, period: number | null, kind: "pixels" | "points" | "windows", gap: number}} Line
 */

/** @param {{station: string, property: string}} line @param {{from: number, to: number}} span */
export function question(line, span, more = {}) {
  const range = { from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString() };
  return new URLSearchParams({ stations: line.station, property: line.property, ...range, ...more });
}

/** The course of one line. @returns {Promise<Line>} */
export async function course(line, span, step, width) {
  if (step !== "raw") return windows(await get(`/v1/series?${question(line, span, { every: step, agg: "mean,min,max,count,count_all,completeness" })}`), span, step);
  const found = await pixels(line, span, width);
  const values = found.count.reduce((sum, one, place) => sum + one + found.invalid[place], 0);
  return values && values <= FEW ? points(await get(`/v1/observations?${question(line, span, { limit: "10000" })}`), found) : found;
}

/** The same as the columns of a chart show it. @returns {Promise<Line>} */
export async function pixels(line, span, width) {
  const { columns, series, step_s: step } = await get(`/v1/series?${question(line, span, { width: String(width) })}`);
  const rows = series[0]?.rows ?? [];
  const column = (name) => rows.map((row) => row[columns.indexOf(name)]);
  const at = column("time").map(Date.parse);
  const [low, high, first, last, count] = ["min", "max", "first", "last", "count"].map(column);
  const period = series[0]?.period_s ?? null;
  const expected = period && Math.max(1, step / period);
  return {
    at, low, high, first, last, count, period, mean: last,
    until: at.map((one) => Math.min(span.to, one + step * 1000)),
    share: count.map((one) => (expected ? Math.min(1, one / Math.floor(expected)) : one ? 1 : 0)),
    invalid: column("invalid"), letters: column("quality"), checks: column("checks"), raw: last,
    unit: series[0]?.unit ?? "", kind: "pixels", gap: Math.max(step * 1000, (period ?? 360) * 2500),
  };
}

function points({ items }, about) {
  const good = items.map((one) => VALID.includes(one.quality) && !one.checks.some((check) => REFUSED.includes(check)));
  const value = items.map((one, place) => (good[place] ? one.value : null));
  const at = items.map((one) => Date.parse(one.time));
  const stand = (about.period ?? 0) * 1000;
  return {
    at, low: value, high: value, first: value, last: value, mean: value,
    until: at.map((one, place) => (place + 1 < at.length ? Math.min(at[place + 1], one + (stand || about.gap)) : one + stand)),
    share: good.map(Number), count: good.map(Number), invalid: good.map((one) => Number(!one)),
    letters: items.map((one) => one.quality), checks: items.map((one) => one.checks.join(" ")), raw: items.map((one) => one.value),
    unit: about.unit, period: about.period, kind: "points", gap: (about.period ?? 360) * 2500,
  };
}

function windows({ columns, series }, span, step) {
  const rows = series[0]?.rows ?? [];
  const column = (name) => rows.map((row) => row[columns.indexOf(name)]);
  const at = column("time").map(Date.parse);
  const [mean, low, high, count, all, share] = ["mean", "min", "max", "count", "count_all", "completeness"].map(column);
  return {
    at, low, high, first: mean, last: mean, mean, count, raw: mean,
    until: at.map((one) => following(one, step)),
    share: share.map((one, place) => one ?? (count[place] ? 1 : 0)),
    invalid: all.map((one, place) => one - count[place]), letters: at.map(() => ""), checks: at.map(() => ""),
    unit: series[0]?.unit ?? "", period: null, kind: "windows", gap: LENGTH[step] * 1.2,
  };
}

/** The other period's line on this one's time: [ms, value or null] each. */
export async function other(line, span, step, back) {
  const every = step === "raw" ? (span.to - span.from > 92 * LENGTH["1d"] ? "1d" : "1h") : step;
  const { columns, series } = await get(`/v1/compare?${question(line, span, { every, with: back })}`);
  const [time, value] = ["time", "other"].map((name) => columns.indexOf(name));
  const rows = series[0]?.rows ?? [];
  return { every, rows: rows.map((row) => [Date.parse(row[time]), row[value]]) };
}

/** Every limit of a line. */
export async function limits(line, span) {
  const { items } = await get(`/v1/limits?${question(line, span)}`);
  return (items[0]?.limits ?? []).map((one) => ({ ...one, target: items[0].target_class }));
}

/** The line's row of the table. */
export async function summary(line, span, limit, back) {
  const { items } = await get(`/v1/summary?${question(line, span, { ...(limit && { limit }), with: back || "last_year" })}`);
  return items[0] ?? null;
}

export const runs = (line, span, limit) => get(`/v1/exceedances/runs?${question(line, span, { limit, top: "500" })}`);
