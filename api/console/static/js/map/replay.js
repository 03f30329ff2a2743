/** The chosen vehicle's track and its playback. */
import { computed, effect, signal } from "../vendor.js";
import { get } from "../http.js";
import { when } from "../format.js";
import { t } from "../words.js";
import { bounds, moment, pace, picked, playing, range } from "./view.js";

const WIDTH = 1600;
const AGAIN = 15_000;

/** The hub's answer, with the times of its rows as epoch ms. */
export const track = signal(null);
export const trouble = signal("");

const isVehicle = (key) => key.split("/")[1] === "vehicle";

async function read(key) {
  const { from, to } = bounds();
  const words = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), width: String(WIDTH) });
  const found = await get(`/v1/vehicles/${key}/track?${words}`);
  return { ...found, key, start: from, end: to, times: found.parts.map((rows) => rows.map((row) => Date.parse(row[0]))) };
}

let asking = 0;

/** Ask for the track of the chosen vehicle; the answer of an older question is thrown away. */
export async function loadTrack() {
  const key = picked.peek();
  const number = ++asking;
  if (!key || !isVehicle(key)) {
    track.value = null;
    return;
  }
  try {
    const found = await read(key);
    if (number === asking) (track.value = found), (trouble.value = "");
  } catch (error) {
    if (number === asking) (track.value = null), (trouble.value = error.message);
  }
}

effect(() => {
  picked.value, range.value;
  if (track.peek()?.key !== picked.value) track.value = null;
  trouble.value = "";
  loadTrack();
});
// A track up to now grows; while somebody plays it, it stays as it is.
setInterval(() => range.peek().hours && moment.peek() === null && !document.hidden && loadTrack(), AGAIN);

/** Where the vehicle was at the playback's time; null while it is live or the track does not hold it. */
export const cursor = computed(() => {
  const found = track.value;
  if (!found || moment.value === null) return null;
  return at(found, moment.value);
});

function at(found, time) {
  let before = null;
  for (const [part, times] of found.times.entries()) {
    if (!times.length || times[0] > time) break;
    before = [part, upTo(times, time)];
  }
  if (!before) return null;
  const [part, row] = before;
  const here = found.parts[part][row];
  const next = found.parts[part][row + 1];
  const common = { time, speed: here[3], heading: here[4], gap: false };
  if (!next) {
    const last = time - found.times[part][row] < 1000;
    const words = last ? said(time, here[3]) : t("map.replay.gap", { time: when(time), since: when(found.times[part][row]) });
    return { ...common, lon: here[1], lat: here[2], gap: !last, words };
  }
  const share = (time - found.times[part][row]) / (found.times[part][row + 1] - found.times[part][row]);
  const between = (index) => here[index] + (next[index] - here[index]) * share;
  return { ...common, lon: between(1), lat: between(2), words: said(time, here[3]) };
}

const said = (time, speed) => [when(time), speed === null ? "" : `${Math.round(speed)} km/h`].filter(Boolean).join(" · ");

/** The last index whose time is not after `time`. */
function upTo(times, time) {
  let [low, high] = [0, times.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= time) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** First and last time of the track. */
export function ends(found) {
  return found?.times.length ? [found.times[0][0], found.times.at(-1).at(-1)] : null;
}

/** Play, or pause; from the beginning where it is at the end or live. */
export function toggle() {
  const around = ends(track.peek());
  if (!around) return;
  if (moment.peek() === null || moment.peek() >= around[1]) moment.value = around[0];
  playing.value = !playing.peek();
}

/** Back to now. */
export function live() {
  playing.value = false;
  moment.value = null;
}

effect(() => {
  if (!playing.value) return undefined;
  let last = performance.now();
  let frame = requestAnimationFrame(step);
  function step(clock) {
    const around = ends(track.peek());
    const next = (moment.peek() ?? 0) + (clock - last) * pace.peek();
    last = clock;
    if (!around || next >= around[1]) {
      if (around) moment.value = around[1];
      playing.value = false;
      return;
    }
    moment.value = next;
    frame = requestAnimationFrame(step);
  }
  return () => cancelAnimationFrame(frame);
});
