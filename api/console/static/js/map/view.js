/** What the map page shows, as signals; the address holds all of it, so that a link shows the same. */
import { effect, signal } from "../vendor.js";

const asked = new URLSearchParams(location.search);
const numbers = (asked.get("at") ?? "").split(",").map(Number);

/** Longitude, latitude and zoom; null: all there is. */
export const place = signal(numbers.length === 3 && numbers.every(Number.isFinite) ? numbers : null);
/** The chosen station as department/kind/device, "" none. */
export const picked = signal(asked.get("pick") ?? "");
/** Which kinds are listed and drawn; "alerts": only what rings. */
export const shown = signal(asked.get("show") ?? "all");
export const query = signal(asked.get("q") ?? "");
/** The track's range: hours up to now, or [from, to) in epoch ms. */
export const range = signal(rangeOf(asked));
/** The time of the playback, epoch ms; null: live. */
export const moment = signal(Number(asked.get("t")) || null);
export const pace = signal([1, 5, 10, 30, 60].includes(Number(asked.get("pace"))) ? Number(asked.get("pace")) : 10);
export const playing = signal(false);
/** On a narrow screen: list, map or detail. */
export const tab = signal(asked.get("tab") ?? (asked.get("pick") ? "detail" : "list"));

function rangeOf(words) {
  const [from, to] = [Date.parse(words.get("from") ?? ""), Date.parse(words.get("to") ?? "")];
  if (Number.isFinite(from) && Number.isFinite(to) && from < to) return { from, to };
  const hours = Number(words.get("hours"));
  return { hours: [1, 6, 24].includes(hours) ? hours : 1 };
}

/** The address of what is shown. */
export function address() {
  const words = new URLSearchParams();
  const put = (name, value, plain) => value !== plain && words.set(name, String(value));
  if (place.value) words.set("at", place.value.map((one, index) => one.toFixed(index < 2 ? 5 : 2)).join(","));
  put("pick", picked.value, "");
  put("show", shown.value, "all");
  put("q", query.value, "");
  if (range.value.hours) put("hours", range.value.hours, 1);
  else for (const name of ["from", "to"]) words.set(name, new Date(range.value[name]).toISOString());
  if (moment.value) words.set("t", String(Math.round(moment.value)));
  put("pace", pace.value, 10);
  put("tab", tab.value, picked.value ? "detail" : "list");
  const text = words.toString().replaceAll("%2F", "/").replaceAll("%2C", ",");
  return text ? `${location.pathname}?${text}` : location.pathname;
}

/** A link that shows the same later: a track of the last hours is pinned to its times. */
export function link() {
  const found = new URL(address(), location.href);
  if (picked.value && range.value.hours) {
    const { from, to } = bounds();
    found.searchParams.delete("hours");
    found.searchParams.set("from", new Date(from).toISOString());
    found.searchParams.set("to", new Date(to).toISOString());
  }
  return found.href;
}

/** The range in epoch ms. */
export function bounds() {
  if (!range.value.hours) return range.value;
  const to = Date.now();
  return { from: to - range.value.hours * 3_600_000, to };
}

/** Choose a station, or nothing; what belonged to another one's track ends. @param {string} key */
export function pick(key) {
  if (key !== picked.value) {
    moment.value = null;
    playing.value = false;
    if (!range.value.hours) range.value = { hours: 1 };
  }
  picked.value = key;
  if (key && tab.value === "list") tab.value = "detail";
}

let waiting = 0;
effect(() => {
  address();
  // Browsers refuse more than some hundred changes of the address a minute.
  clearTimeout(waiting);
  waiting = setTimeout(() => history.replaceState(null, "", address()), 400);
});
