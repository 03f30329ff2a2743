/** What the hub says of the period, of the one before and of the same a year ago. */
import { signal } from "../vendor.js";
import { get } from "../http.js";
import { EVERY, current, department, kind, lastYear, previous } from "./period.js";

/** `loading`, `ready`, or the hub's words for why not; by part of the page, since one may fail alone. */
export const water = signal({ state: "loading" });
export const air = signal({ state: "loading" });

let turn = 0;

/** @param {Record<string, string>} words @param {{from: string, to: string}} range @returns {string} The path of a question. */
export function path(words, range) {
  const place = department.value ? { department: department.value } : {};
  return `/v1/verdicts?${new URLSearchParams({ ...words, ...place, ...range })}`;
}

/** The question that a download asks again. @param {"water" | "air"} part @param {string} form */
export function file(part, form) {
  const words = part === "water" ? { standard: "gb3838", every: EVERY[kind.value] } : { standard: "aqi", every: "1d" };
  return path({ ...words, format: form }, current.value);
}

const items = async (words, range) => (range ? (await get(path(words, range))).items : []);

/** Ask for everything anew; an answer to an earlier question is let go. */
export function read() {
  turn += 1;
  const mine = turn;
  const keep = (part) => (found) => mine === turn && (part.value = found);
  water.value = { state: "loading" };
  air.value = { state: "loading" };
  readWater().then(keep(water), (error) => keep(water)({ state: error.message }));
  readAir().then(keep(air), (error) => keep(air)({ state: error.message }));
}

async function readWater() {
  const words = { standard: "gb3838", every: EVERY[kind.value], parts: "false" };
  const [now, before, year, whole] = await Promise.all([
    items(words, current.value),
    items(words, previous.value),
    items(words, lastYear.value),
    items({ ...words, group: "basin" }, current.value),
  ]);
  return { state: "ready", now, before: byStation(before), year: byStation(year), whole: whole[0] };
}

async function readAir() {
  const days = { standard: "aqi", every: "1d", parts: "false" };
  const cells = kind.value === "day" ? { ...days, every: "1h" } : days;
  const means = kind.value === "day" ? { ...days, parts: "true" } : { standard: "gb3095", every: EVERY[kind.value] };
  const [course, now, before, year] = await Promise.all([
    items(cells, current.value),
    items(means, current.value),
    items(days, previous.value),
    items(days, lastYear.value),
  ]);
  return { state: "ready", course: grouped(course), now, before: grouped(before), year: grouped(year) };
}

/** @param {any} one */
export const key = (one) => `${one.department}/${one.kind}/${one.device}`;

const byStation = (found) => new Map(found.map((one) => [key(one), one]));

function grouped(found) {
  const groups = new Map();
  for (const one of found) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
  return groups;
}
