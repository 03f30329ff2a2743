/** Times in the site's zone, ages, numbers: one way of writing them everywhere. */
import { lang, site } from "./site.js";
import { t } from "./words.js";

const clock = new Intl.DateTimeFormat(lang, { timeZone: site.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const day = new Intl.DateTimeFormat(lang, { timeZone: site.zone, month: "2-digit", day: "2-digit" });
const stamp = new Intl.DateTimeFormat("sv-SE", { timeZone: site.zone, dateStyle: "short", timeStyle: "medium" });

/** @param {string | number | null | undefined} time RFC 3339 or epoch ms; only the clock when it was today. */
export function when(time) {
  if (time === null || time === undefined) return "";
  const moment = new Date(time);
  const today = day.format(new Date()) === day.format(moment);
  return today ? clock.format(moment) : `${day.format(moment)} ${clock.format(moment)}`;
}

/** @param {string | number} time The whole date and time. */
export const full = (time) => stamp.format(new Date(time));

/** @param {number} seconds A short age: 12 s, 3 min, 5 h, 2 d. */
export function age(seconds) {
  if (!Number.isFinite(seconds)) return "";
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return t("age.s", { n: whole });
  if (whole < 3600) return t("age.min", { n: Math.floor(whole / 60) });
  if (whole < 86400) return t("age.h", { n: Math.floor(whole / 3600) });
  return t("age.d", { n: Math.floor(whole / 86400) });
}

/** @param {number | null | undefined} value At most four significant digits after which nothing is known anyway. */
export function number(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const digits = Math.abs(value) >= 100 ? 1 : Math.abs(value) >= 10 ? 2 : 3;
  return String(Number(value.toFixed(digits)));
}

/** Units as people write them. @param {string | null | undefined} unit */
export function unitText(unit) {
  return { Cel: "℃", "uS/cm": "µS/cm", "ug/m3": "µg/m³", "mg/m3": "mg/m³", "m3/s": "m³/s", deg: "°" }[unit ?? ""] ?? unit ?? "";
}
