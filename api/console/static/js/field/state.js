/** What the page of field devices knows, asked again every two seconds while somebody looks; the address holds what is picked and looked for. */
import { computed, effect, signal } from "../vendor.js";
import { get } from "../http.js";
import { zh } from "../site.js";

const asked = new URLSearchParams(location.search);
const EVERY = 2000;
const MOST_PAGES = 25;
export const ENDED = new Set(["done", "refused", "failed", "expired"]);

/** The chosen station as department/kind/device, "" none. */
export const picked = signal(asked.get("pick") ?? "");
export const query = signal(asked.get("q") ?? "");

export const protocols = signal([]);
export const devices = signal([]);
/** Open connections; null before the first answer. */
export const sessions = signal(null);
export const refusals = signal([]);
/** Why the part `field` could not be asked, "" when it could. */
export const problem = signal("");
/** Of the picked device; null before the first answer. */
export const frames = signal(null);
export const commands = signal([]);
export const closed = signal("");

effect(() => {
  const words = new URLSearchParams();
  if (picked.value) words.set("pick", picked.value);
  if (query.value) words.set("q", query.value);
  const text = words.toString().replaceAll("%2F", "/");
  history.replaceState(null, "", text ? `${location.pathname}?${text}` : location.pathname);
});

/** @param {string} station "" closes the detail. */
export function pick(station) {
  if (station === picked.value) return;
  frames.value = null;
  commands.value = [];
  closed.value = "";
  picked.value = station;
  if (station) look();
}

export const protocolOf = (/** @type {string} */ name) => protocols.value.find((one) => one.protocol === name);
export const byStation = computed(() => new Map(devices.value.map((one) => [one.station, one])));
export const sessionOf = (/** @type {string} */ station) => sessions.value?.find((one) => one.station === station);
export const nameOf = (/** @type {any} */ device) => (zh ? device?.name_zh || device?.name_en : device?.name_en || device?.name_zh) || "";

const fits = (...words) => {
  const wanted = query.value.trim().toLowerCase();
  return !wanted || words.some((word) => word?.toLowerCase().includes(wanted));
};
const named = (station) => [byStation.value.get(station)?.name_zh, byStation.value.get(station)?.name_en];

export const shownSessions = computed(() => (sessions.value ?? []).filter((one) => fits(one.station, one.identity, one.peer, ...named(one.station))));
/** Registered devices that have a link and no connection. */
export const absent = computed(() => {
  const here = new Set((sessions.value ?? []).map((one) => one.station));
  const listened = new Set(protocols.value.filter((one) => one.listen).map((one) => one.protocol));
  return devices.value.filter((one) => !here.has(one.station) && listened.has(one.protocol) && fits(one.station, one.identity, one.name_zh, one.name_en));
});
export const shownRefusals = computed(() => refusals.value.filter((one) => fits(one.station, one.identity, one.address, ...named(one.station))));

async function allSessions() {
  const found = [];
  let after = "";
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const said = await get(`/v1/field/sessions?after=${encodeURIComponent(after)}`);
    found.push(...said.items);
    if (!said.next) break;
    after = said.next;
  }
  return found;
}

/** Ask for the lists. */
export async function ask() {
  try {
    const [open, turned, linked] = await Promise.all([allSessions(), get("/v1/field/refusals"), get("/v1/field/devices")]);
    sessions.value = open;
    refusals.value = turned.items;
    devices.value = linked.items;
    problem.value = "";
  } catch (error) {
    problem.value = error.message;
  }
}

/** Ask for the picked device. */
export async function look() {
  const station = picked.value;
  if (!station) return;
  try {
    const [seen, done] = await Promise.all([get(`/v1/field/frames/${station}`), get(`/v1/commands?limit=20&station=${encodeURIComponent(station)}`)]);
    if (picked.value !== station) return;
    frames.value = seen.items;
    commands.value = done.items;
    closed.value = "";
  } catch (error) {
    if (picked.value === station) closed.value = error.message;
  }
}

/** Begin to ask; not while the page is hidden. */
export async function begin() {
  protocols.value = (await get("/v1/field/protocols")).items;
  await Promise.all([ask(), look()]);
  setInterval(() => {
    if (document.visibilityState === "visible") Promise.all([ask(), look()]);
  }, EVERY);
}
