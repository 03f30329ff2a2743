/** What the page of cameras knows: every camera as the hub last told it, who asks, and where in the page one is. */
import { signal } from "../vendor.js";
import { get, session } from "../http.js";

export const EVERY = 10_000;
/** A list older than this is not of now, and says so first. */
export const STALE = 45_000;

const RANKS = { viewer: 0, officer: 1, admin: 2 };

export const cameras = signal([]);
/** When the list was last read (epoch ms), 0 before. */
export const read = signal(0);
/** What went wrong at the last reading, null when nothing did. */
export const trouble = signal(null);
export const role = signal("viewer");
/** Changes whenever something happened at a camera: what is shown of its day is asked again. */
export const happened = signal(new Map());

export const may = (/** @type {"officer" | "admin"} */ wanted) => (RANKS[role.value] ?? 0) >= RANKS[wanted];

/** @param {string} station DEPARTMENT/camera/DEVICE */
export function pathOf(station) {
  const [department, , device] = station.split("/");
  return `${encodeURIComponent(department)}/${encodeURIComponent(device)}`;
}

export const api = (/** @type {string} */ station, more = "") => `/v1/patrol/cameras/${pathOf(station)}${more}`;

/** The camera that the address names, "" on the wall. */
export function stationHere() {
  const [, , department, device] = location.pathname.split("/").map(decodeURIComponent);
  return device ? `${department}/camera/${device}` : "";
}

export async function whoAsks() {
  role.value = (await session()).role;
}

export async function refresh() {
  try {
    cameras.value = (await get("/v1/patrol/cameras")).items;
    [read.value, trouble.value] = [Date.now(), null];
  } catch (error) {
    trouble.value = error;
  }
}

let due = 0;

/** One live event: an alert of a camera, or its minute's figures, is why its tile is asked again, at most once in two seconds. @param {string} type @param {any} data */
export function hear(type, data) {
  const items = type === "latest" ? (Array.isArray(data) ? data : data.items) : type === "alert" ? [data] : [];
  const here = items.filter((one) => one.kind === "camera").map((one) => `${one.department}/camera/${one.device}`);
  if (!here.length) return;
  if (type === "alert") for (const station of here) touch(station);
  if (!due) due = setTimeout(() => ((due = 0), refresh()), 2000);
}

/** @param {string} station */
export function touch(station) {
  happened.value = new Map(happened.value).set(station, Date.now());
}
