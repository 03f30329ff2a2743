/** The period of the bulletin and the address that carries it: days are the site's, written as dates; nothing here knows the browser's zone. */
import { computed, signal } from "../vendor.js";
import { lang, site } from "../site.js";

export const KINDS = ["day", "month", "year"];
/** What a period is called in a question. */
export const EVERY = { day: "1d", month: "1mo", year: "1y" };

const LENGTH = { day: 10, month: 7, year: 4 };
const asked = new URLSearchParams(location.search);
const today = new Intl.DateTimeFormat("sv-SE", { timeZone: site.zone, dateStyle: "short" }).format(new Date());

export const kind = signal(KINDS.includes(asked.get("period")) ? asked.get("period") : "month");
/** A date of the period, `YYYY-MM-DD`. */
export const date = signal(valid(asked.get("date")) ?? moved(today, "day", -1));
export const department = signal(asked.get("department") ?? "");

/** `2026-11-18`, `2026-11` or `2026` as a date. @param {string | null} text */
function valid(text) {
  const whole = `${text ?? ""}-01-01`.slice(0, 10);
  return /^\d{4}-\d{2}-\d{2}$/.test(whole) && !Number.isNaN(Date.parse(whole)) ? whole : null;
}

/** @param {string} day @param {string} unit @param {number} by The date so many days, months or years on; the 31st of a short month is its last day. */
export function moved(day, unit, by) {
  const [year, month, of] = day.split("-").map(Number);
  if (unit === "day") return written(Date.UTC(year, month - 1, of + by));
  const first = unit === "month" ? [year, month - 1 + by] : [year + by, month - 1];
  const last = new Date(Date.UTC(first[0], first[1] + 1, 0)).getUTCDate();
  return written(Date.UTC(first[0], first[1], Math.min(of, last)));
}

function written(time) {
  return new Date(time).toISOString().slice(0, 10);
}

/** The period that holds `day`. @param {string} day @param {string} unit @returns {{from: string, to: string}} `to` is not in it. */
export function range(day, unit) {
  const from = `${day.slice(0, LENGTH[unit])}-01-01`.slice(0, 10);
  return { from, to: moved(from, unit, 1) };
}

export const current = computed(() => range(date.value, kind.value));
export const previous = computed(() => range(moved(current.value.from, kind.value, -1), kind.value));
/** The same period a year before; of a year that is the previous one, and of 29 February there is none. */
export const lastYear = computed(() => {
  const back = moved(current.value.from, "year", -1);
  return kind.value === "year" || back.slice(5) !== current.value.from.slice(5) ? null : range(back, kind.value);
});
export const running = computed(() => current.value.to > today);

const form = {
  day: new Intl.DateTimeFormat(lang, { timeZone: "UTC", dateStyle: "long" }),
  month: new Intl.DateTimeFormat(lang, { timeZone: "UTC", year: "numeric", month: "long" }),
  year: new Intl.DateTimeFormat(lang, { timeZone: "UTC", year: "numeric" }),
};
/** The period as people say it. */
export const label = computed(() => form[kind.value].format(Date.parse(current.value.from)));

/** The address of this view. */
export const address = computed(() => {
  const query = new URLSearchParams({ period: kind.value, date: current.value.from.slice(0, LENGTH[kind.value]) });
  if (department.value) query.set("department", department.value);
  return `${location.pathname}?${query}`;
});

/** What the date field shows, and takes. */
export const shown = computed(() => current.value.from.slice(0, LENGTH[kind.value]));

/** @param {string} text */
export function choose(text) {
  const found = valid(text);
  if (found) date.value = found;
}

/** @param {number} by */
export const step = (by) => (date.value = moved(current.value.from, kind.value, by));
