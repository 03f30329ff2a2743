/** Between the screen and the picture's pixels. */
import { signal } from "../vendor.js";
import { draft } from "./draft.js";

/** Pixels of the picture in one of the screen: what is to be touched keeps its size on any screen. */
export const unit = signal(1);
/** What the draft would have seen, drawn on the picture. */
export const boxes = signal([]);

export const clamp = (/** @type {number} */ value, /** @type {number} */ most) => Math.round(Math.min(most, Math.max(0, value)) * 10) / 10;

/** @param {{clientX: number, clientY: number}} event @param {SVGSVGElement} svg */
export function pixelOf(event, svg) {
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  return [clamp(at.x, draft.value.width), clamp(at.y, draft.value.height)];
}
