/** What the desk knows, as signals; loaded whole whenever the stream is opened, then kept by its events. */
import { computed, signal } from "./vendor.js";
import { together } from "./http.js";

/** @type {import("./vendor.js").Signal<Map<string, any>>} */
export const incidents = signal(new Map());
export const alerts = signal(new Map());
export const stations = signal([]);
export const latest = signal(new Map());
export const streams = signal(new Map());
export const rules = signal(new Map());
export const health = signal(null);
export const dead = signal(0);
export const loaded = signal("loading");
export const tab = signal("detected");
/** @type {import("./vendor.js").Signal<{incident?: string, station?: string, property?: string}>} */
export const chosen = signal({});
/** Changes when the chosen incident has news. */
export const touched = signal(0);
/** Who is logged in. */
export const me = signal({ name: "", role: "viewer" });

/** Which tab an incident of a state stands in; what has ended is in the last one. */
const TAB = { detected: "detected", verified: "detected", acknowledged: "acknowledged", dispatched: "acknowledged", on_site: "acknowledged", verifying: "acknowledged" };
const tabOf = (/** @type {any} */ one) => TAB[one.state] ?? "closed";

export const stationKey = (/** @type {any} */ x) => `${x.department}/${x.kind}/${x.device}`;
export const streamKey = (/** @type {any} */ x) => `${stationKey(x)}/${x.property ?? ""}`;

export const open = computed(() => [...incidents.value.values()].filter((one) => one.state in TAB));
export const byState = computed(() => {
  const groups = { detected: [], acknowledged: [], closed: [] };
  for (const one of incidents.value.values()) groups[tabOf(one)].push(one);
  for (const list of Object.values(groups)) list.sort((a, b) => a.level - b.level || Date.parse(b.opened) - Date.parse(a.opened));
  groups.closed = groups.closed.filter((one) => one.state !== "merged");
  groups.closed.sort((a, b) => Date.parse(b.closed ?? b.changed) - Date.parse(a.closed ?? a.changed));
  return groups;
});

/** Alerts of an incident, worst and newest first. @param {string} id */
export const alertsOf = (id) =>
  [...alerts.value.values()]
    .filter((one) => one.incident === id)
    .sort((a, b) => Number(a.condition === "cleared") - Number(b.condition === "cleared") || a.level - b.level || Date.parse(b.breach_start) - Date.parse(a.breach_start));

const into = (items, key) => new Map(items.map((one) => [key(one), one]));

const RETRY = 3000;

/** Ask for everything. */
export async function load() {
  const begun = Date.now();
  try {
    const [standing, recent, openAlerts, recentAlerts, register, values, described, known, letters, parts] = await Promise.all(
      together([
        "/v1/incidents?open=true&limit=500",
        "/v1/incidents?limit=100",
        "/v1/alerts?open=true&limit=1000",
        "/v1/alerts?limit=200",
        "/v1/stations?limit=5000",
        "/v1/observations/latest",
        "/v1/datastreams?limit=10000",
        "/v1/rules",
        "/v1/dead-letters?state=kept&limit=100",
        "/v1/health",
      ]),
    );
    incidents.value = newest(incidents.peek(), into([...recent.items, ...standing.items], (one) => one.id), begun);
    alerts.value = newest(alerts.peek(), into([...recentAlerts.items, ...openAlerts.items], (one) => one.id), begun);
    health.value = parts;
    stations.value = register.items;
    latest.value = into(values.items, streamKey);
    streams.value = into(described.items, streamKey);
    rules.value = into(known.items, (one) => one.id);
    dead.value = letters.next ? 100 : letters.items.length;
    loaded.value = "ready";
  } catch (error) {
    // What is known stays: old news, marked as old, is better than none.
    if (loaded.value !== "ready") loaded.value = String(error.message ?? error);
    else setTimeout(load, RETRY);
  }
}

/** What came by the stream while the lists were on their way is newer than they are. */
function newest(known, read, begun) {
  for (const [id, one] of known) {
    const older = read.get(id);
    if (older ? (one.version ?? 0) > (older.version ?? 0) : one.arrived >= begun) read.set(id, one);
  }
  return read;
}

/** One live event. @param {string} type @param {any} data */
export function take(type, data) {
  if (type === "incident") put(incidents, data);
  if (type === "alert") put(alerts, data);
  if (type === "latest") takeLatest(Array.isArray(data) ? data : data.items);
  if (type === "health" && data.parts) health.value = data;
  if (type === "dead_letter") dead.value = Math.max(0, dead.value + (data.state ? -1 : (data.count ?? 1)));
  const id = type === "incident" ? data.id : type === "alert" ? data.incident : undefined;
  if (id && id === chosen.value.incident) touched.value += 1;
}

/** Keep the newest of a thing. @param {any} store @param {any} item */
export function put(store, item) {
  if ((store.value.get(item.id)?.version ?? 0) > (item.version ?? Infinity)) return;
  const next = new Map(store.value);
  next.set(item.id, { ...next.get(item.id), ...item, arrived: next.has(item.id) ? next.get(item.id).arrived : Date.now() });
  store.value = next;
}

function takeLatest(items) {
  const next = new Map(latest.value);
  for (const one of items) next.set(streamKey(one), one);
  latest.value = next;
}
