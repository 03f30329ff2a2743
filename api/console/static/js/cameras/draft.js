/** The set-up that is being drawn: every change can be taken back; the hub says after each what it is worth. */
import { computed, effect, signal } from "../vendor.js";
import { post, request } from "../http.js";
import { api } from "./state.js";

export const ZONES = ["water", "banks", "exclusions", "booms", "sky"];
const MOST = 100;
const WAIT = 400;

/** What is drawn; null before the camera was read. @type {import("../vendor.js").Signal<any>} */
export const draft = signal(null);
export const source = signal(null);
/** The set-up that stands in the hub: its words, ETag, and who made it. */
export const saved = signal({ etag: "", text: "", changed: null, by: "" });
/** Chosen: {kind, index, corner}; corner -1 for the whole. */
export const chosen = signal(null);
/** What a click on the picture does: "" chooses, else a zone's kind, "ground", "patch". */
export const tool = signal("");
/** Corners of the zone that is being drawn. */
export const corners = signal([]);
/** The hub's word on the draft: {ok, mistakes, calibration}; null while it is asked. */
export const worth = signal(null);
export const past = signal([]);
export const future = signal([]);

const textOf = () => JSON.stringify([draft.value, source.value]);
export const changed = computed(() => draft.value !== null && textOf() !== saved.value.text);

const copy = () => structuredClone([draft.value, source.value]);

/** Remember how it is, before it changes. */
export function mark() {
  past.value = [...past.value.slice(-MOST), copy()];
  future.value = [];
}

/** One change that can be taken back. @param {(draft: any) => void} work */
export function change(work) {
  mark();
  touch(work);
}

/** A change that belongs to one already marked: a drag is one change. @param {(draft: any) => void} work */
export function touch(work) {
  const next = structuredClone(draft.value);
  work(next);
  draft.value = next;
}

/** @param {object | null} next */
export function setSource(next) {
  mark();
  source.value = next;
}

function turn(from, to) {
  if (!from.value.length) return;
  to.value = [...to.value, copy()];
  [draft.value, source.value] = from.value.at(-1);
  from.value = from.value.slice(0, -1);
  chosen.value = null;
}

export const undo = () => (corners.value.length ? (corners.value = corners.value.slice(0, -1)) : turn(past, future));
export const redo = () => turn(future, past);

/** A draft for a camera that has none: nothing but the size of its picture. */
export const blank = (width, height) => ({ width, height, water: [], banks: [], exclusions: [], booms: [], sky: [], ground: [], origin: null, flow: null, min_size_m: 0.3, min_share: 0.00015, reference_patch: null });

function take(answer, body, size) {
  const { id, ...config } = body.config ?? blank(...size);
  [draft.value, source.value, past.value, future.value, chosen.value, tool.value, corners.value] = [config, body.source, [], [], null, "", []];
  saved.value = { etag: answer.headers.get("ETag") ?? "", text: body.config ? textOf() : "", changed: body.changed, by: body.changed_by };
}

/** Read the set-up as it stands. @param {string} station @param {[number, number]} size of its picture, where it has no set-up */
export async function open(station, size) {
  const answer = await request(api(station));
  take(answer, await answer.json(), size);
}

/** The hub's tag of what was never saved: nothing is there to match. */
const NEVER = '"0"';

/** Save it, if nobody else did meanwhile. @param {string} station */
export async function save(station) {
  const headers = { "Content-Type": "application/json", ...(saved.value.etag !== NEVER && { "If-Match": saved.value.etag }) };
  const answer = await request(api(station), { method: "PUT", headers, body: JSON.stringify({ config: draft.value, source: source.value }) });
  take(answer, await answer.json(), [0, 0]);
}

/** Add the zone whose corners were drawn. */
export function closeZone() {
  const [kind, points] = [tool.value, corners.value];
  if (points.length < 3) return;
  corners.value = [];
  change((next) => {
    const names = next[kind].map((one) => one.name);
    let number = names.length + 1;
    while (names.includes(`${kind}-${number}`)) number += 1;
    next[kind] = [...next[kind], { name: `${kind}-${number}`, points }];
  });
  chosen.value = { kind, index: draft.value[kind].length - 1, corner: -1 };
  tool.value = "";
}

/** Remove what is chosen: a corner, or the whole. */
export function removeChosen() {
  const { kind, index, corner } = chosen.value ?? {};
  if (!kind) return;
  change((next) => {
    if (kind === "reference_patch") next.reference_patch = null;
    else if (kind === "ground") next.ground.splice(index, 1);
    else if (corner >= 0 && next[kind][index].points.length > 3) next[kind][index].points.splice(corner, 1);
    else next[kind].splice(index, 1);
  });
  chosen.value = corner >= 0 && draft.value[kind]?.[index] ? { kind, index, corner: -1 } : null;
}

/** Ask the hub after each change, once the hand rests. @param {string} station @returns {() => void} ends it */
export function watch(station) {
  let [timer, asked] = [0, 0];
  const stop = effect(() => {
    const config = draft.value;
    clearTimeout(timer);
    if (!config) return;
    timer = setTimeout(async () => {
      asked += 1;
      const mine = asked;
      const told = await post(api(station, "/check"), { config }).catch((error) => ({ ok: false, mistakes: [], failed: error.message, calibration: { residuals: [], horizon: null } }));
      if (mine === asked) worth.value = told;
    }, WAIT);
  });
  return () => (clearTimeout(timer), stop());
}
