/** Periods of the calendar in the site's zone: a browser elsewhere shows the same days. */
import { site } from "../site.js";

export const DAY = 86_400_000;
/** How long a window of each step is at most, ms. */
export const LENGTH = { "1h": 3_600_000, "1d": DAY, "1mo": 31 * DAY, "1y": 366 * DAY };

const parts = new Intl.DateTimeFormat("en-CA", {
  timeZone: site.zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
});

/** The wall clock at a moment, as if it were UTC, ms. @param {number} moment */
export function wall(moment) {
  const found = Object.fromEntries(parts.formatToParts(moment).map((one) => [one.type, Number(one.value)]));
  return Date.UTC(found.year, found.month - 1, found.day, found.hour, found.minute, found.second);
}

/** The moment at which the site's clock shows this; `clock` as from `wall`. @param {number} clock */
export function moment(clock) {
  const first = clock - (wall(clock) - clock);
  return first - (wall(first) - clock);
}

/** The site's day of a moment, YYYY-MM-DD. @param {number} at */
export const dayOf = (at) => new Date(wall(at)).toISOString().slice(0, 10);

/** The first moment of a day. @param {string} day YYYY-MM-DD, or with days added. @param {number} [more] */
export const midnight = (day, more = 0) => moment(Date.parse(`${day}T00:00:00Z`) + more * DAY);

/** [from, to) in ms of a period by its word; `own` are the first and last day of one of the reader's own. @param {string} word @param {{from: string, to: string}} own */
export function bounds(word, own, now = Date.now()) {
  const to = Math.floor(now / 60_000) * 60_000 + 60_000;
  const today = dayOf(now);
  if (word === "own" && own.from && own.to) return { from: midnight(own.from), to: midnight(own.to, 1) };
  if (word === "month") return { from: midnight(`${today.slice(0, 7)}-01`), to };
  if (word === "7d") return { from: midnight(today, -6), to };
  if (word === "24h") return { from: to - DAY, to };
  const back = new Date(Date.parse(`${today}T00:00:00Z`));
  back.setUTCFullYear(back.getUTCFullYear() - 1);
  return { from: midnight(back.toISOString().slice(0, 10), 1), to };
}

/** The start of the window that follows the one that starts at `at`. @param {number} at @param {string} step */
export function following(at, step) {
  if (step === "1h") return at + LENGTH["1h"];
  const clock = new Date(wall(at));
  if (step === "1d") clock.setUTCDate(clock.getUTCDate() + 1);
  else if (step === "1mo") clock.setUTCMonth(clock.getUTCMonth() + 1);
  else clock.setUTCFullYear(clock.getUTCFullYear() + 1);
  return moment(clock.getTime());
}
