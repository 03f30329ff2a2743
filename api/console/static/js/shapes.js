/** Level and state as shapes: readable without colour and in black and white print. */
import { html } from "./vendor.js";
import { t } from "./words.js";

export const LEVELS = {
  1: "M6.5 1h7L19 6.5v7L13.5 19h-7L1 13.5v-7z",
  2: "M10 1.5L19.5 18.5H.5z",
  3: "M10 .5L19.5 10 10 19.5.5 10z",
  4: "M10 1a9 9 0 1 1 0 18 9 9 0 0 1 0-18z",
};
export const NUMERALS = { 1: "I", 2: "II", 3: "III", 4: "IV" };
export const RING = "M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14z";
const STATES = { ok: RING, late: RING, off: "M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM4 16L16 4" };

/** @param {{level: number}} props */
export function Level({ level }) {
  return html`<svg class="shape l${level}" viewBox="0 0 20 20" role="img" aria-label=${t(`level.${level}`)}>
    <path d=${LEVELS[level]} /><text x="10" y=${level === 2 ? 15.5 : 13.2}>${NUMERALS[level]}</text>
  </svg>`;
}

/** @param {{state: "online" | "offline" | "silent" | "never"}} props */
export function State({ state }) {
  const form = { online: "ok", silent: "late" }[state] ?? "off";
  return html`<svg class="shape ${form}" viewBox="0 0 20 20" role="img" aria-label=${t(`state.${state}`)}><path d=${STATES[form]} /></svg>`;
}
