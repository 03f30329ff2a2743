/** States, causes and kinds of the patrol in the person's words, and the shape of each state. */
import { html } from "../vendor.js";
import { number } from "../format.js";
import { zh } from "../site.js";
import { has, t } from "../words.js";

// The gate's cause says which of its states it was; the camera's answer has `blind` for all of them.
const GATE = { dark: "black", covered: "blind", fog: "blind", night: "blind", same: "frozen", noiseless: "frozen", view: "moved", size: "moved", black: "black", frozen: "frozen", moved: "moved" };

const SHAPES = {
  ok: "M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14z",
  degraded: "M10 2.5L18.5 17h-17zM10 8v4M10 14v1",
  black: "M3 4h14v12H3zM5 6h10v8H5zM7 8h6v4H7z",
  frozen: "M6 3v14M14 3v14",
  moved: "M2 10h15M12 5l5 5-5 5",
  blind: "M1.5 10S5 4.5 10 4.5s8.5 5.5 8.5 5.5-3.500 5.500-8.500 5.500S1.500 10 1.500 10zM4 17L16 3",
  lost: "M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM4 16L16 4",
  not_set_up: "M3 3h4M13 3h4v4M17 13v4h-4M7 17H3v-4M3 7V3",
  unknown: "M7 7a3 3 0 1 1 4 3c-1 .4-1 1-1 2M10 15v1",
};

/** Name in the person's language. @param {{name_zh?: string, name_en?: string, station: string}} one */
export const named = (one) => (zh ? one.name_zh || one.name_en : one.name_en || one.name_zh) || one.station.split("/").at(-1);

/** How a camera is: one word, and why. @param {any} camera @returns {{state: string, cause: string}} */
export function stateOf(camera) {
  if (camera.state === "blind" && camera.cause === "not_set_up") return { state: "not_set_up", cause: "" };
  if (camera.state === "blind") {
    const told = camera.open.find((one) => one.type.startsWith("camera.") && one.values.cause === camera.cause);
    return { state: GATE[camera.cause] ?? told?.type.slice(7) ?? "blind", cause: camera.cause };
  }
  if (camera.state !== "seen") return { state: camera.state, cause: camera.cause };
  const poor = camera.open.find((one) => one.type === "camera.degraded");
  return poor ? { state: "degraded", cause: String(poor.values.cause ?? "") } : { state: "ok", cause: "" };
}

const word = (prefix, key) => (has(`${prefix}.${key}`) ? t(`${prefix}.${key}`) : key);
export const stateWord = (state) => word("cameras.state", state);
export const causeWord = (cause) => word("cameras.cause", cause);
export const typeWord = (type) => word("cameras.type", type);
export const labelWord = (label) => word("cameras.label", label);

/** @param {{state: string}} props */
export function StateMark({ state }) {
  return html`<svg class="mark ${state}" viewBox="0 0 20 20" aria-hidden="true"><path d=${SHAPES[state] ?? SHAPES.unknown} /></svg>`;
}

/** What an event is about, in figures and words: from its values, so that it is in the person's language. @param {any} event */
export function aboutOf(event) {
  const { size_m: size, area_m2: area, percent, count, label, zone, cause, speed_m_s: speed } = event.values;
  return [
    size != null && `${number(size)} m`,
    area != null && `${number(area)} m²`,
    size == null && area == null && percent != null && t("cameras.of_frame", { n: number(percent) }),
    count > 1 && `×${count}`,
    label && labelWord(label),
    zone && t("cameras.in_zone", { zone }),
    speed != null && `${number(speed)} m/s`,
    cause && causeWord(cause),
  ].filter(Boolean).join(" · ");
}
