/** The axes: times of the site's zone at round places, values from zero where that does not flatten the lines. */
import { lang, site } from "../site.js";
import { DAY, dayOf, moment as zoned, wall } from "./span.js";

const format = (options) => new Intl.DateTimeFormat(lang, { timeZone: site.zone, ...options });
const month = format({ month: "short" });
const date = format({ month: "short", day: "numeric" });
const clock = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const seconds = format({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const year = format({ year: "numeric" });

const SECOND = 1000;
const STEPS = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 2 * 86_400, 7 * 86_400].map((one) => one * SECOND);
const MONTHS = [1, 2, 3, 6, 12, 24, 60];
const MONTH = 30.5 * DAY;
/** Pixels that a label takes. */
const SPACE = 64;

/** How far apart the ticks are: a number of ms, or of months. */
function pace(length, wide) {
  const least = (length * SPACE) / Math.max(SPACE, wide);
  const step = STEPS.find((one) => one >= least);
  return step ? { step } : { months: MONTHS.find((one) => one * MONTH >= least) ?? 120 };
}

/** Round places of the site's clock, wherever the browser is; s. */
export function splits(u, _, low, high) {
  const { step, months } = pace((high - low) * SECOND, u.bbox.width / devicePixelRatio);
  const [from, to] = [wall(low * SECOND), wall(high * SECOND)];
  const found = [];
  if (months) {
    const first = new Date(from);
    const start = Math.floor((first.getUTCFullYear() * 12 + first.getUTCMonth()) / months) * months;
    for (let at = start; Date.UTC(Math.floor(at / 12), at % 12) <= to; at += months) found.push(Date.UTC(Math.floor(at / 12), at % 12));
  } else {
    for (let at = Math.ceil(from / step) * step; at <= to; at += step) found.push(at);
  }
  return found.map((at) => zoned(at) / SECOND).filter((at) => at >= low && at <= high);
}

/** The ticks' words. */
export function ticks(u, at) {
  const { scales } = u;
  const { step, months } = pace((scales.x.max - scales.x.min) * SECOND, u.bbox.width / devicePixelRatio);
  if (months) return at.map((one) => (months >= 12 ? year : month).format(one * SECOND));
  return at.map((one) => {
    if (wall(one * SECOND) % DAY === 0) return date.format(one * SECOND);
    return (step < 60 * SECOND ? seconds : clock).format(one * SECOND);
  });
}

/** A moment as precise as the span asks for. @param {number} at @param {number} length ms */
export function moment(at, length) {
  if (length > 10 * DAY) return date.format(at);
  return `${date.format(at)} ${(length < DAY / 8 ? seconds : clock).format(at)}`;
}

/** A window's name: its month, its day, its hour. @param {number} at @param {string} step */
export function windowName(at, step) {
  if (step === "1y") return year.format(at);
  if (step === "1mo") return dayOf(at).slice(0, 7);
  if (step === "1d") return dayOf(at);
  return `${dayOf(at)} ${(step === "1h" ? clock : seconds).format(at)}`;
}

/** The least and the greatest of the axis, with room for the label of the peak. @param {number} low @param {number} high @returns {[number, number]} */
export function room(low, high) {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const size = high - low || Math.abs(high) || 1;
  const bottom = low >= 0 && low < 2 * size ? 0 : low - size * 0.08;
  return [bottom, high + (high - bottom || size) * 0.2];
}
