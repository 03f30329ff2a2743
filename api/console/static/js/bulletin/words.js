/** How verdicts are written: the hub says each word in both languages, the page takes its own. */
import { html } from "../vendor.js";
import { zh } from "../site.js";
import { t } from "../words.js";

/** One of a pair of members such as `word_zh` and `word_en`. @param {any} one @param {string} member */
export const own = (one, member) => one[`${member}_${zh ? "zh" : "en"}`];

export const stationName = (one) => own(one, "name") || one.name_zh || one.name_en || one.device;

const SIGNS = { I: "Ⅰ", II: "Ⅱ", III: "Ⅲ", IV: "Ⅳ", V: "Ⅴ" };

/** @param {string | null} value A class of surface water. */
export function className(value) {
  if (value === null) return "–";
  return value === "worse" ? t("bulletin.class.worse") : t("bulletin.class", { sign: SIGNS[value] });
}

/** @param {number} share 0 to 1. */
export const percent = (share) => `${(100 * share).toFixed(1)} %`;

const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);

/** Black or white, whichever can be read on the colour. @param {string} colour Six hexadecimal digits. */
export function ink(colour) {
  const [r, g, b] = [0, 2, 4].map((place) => linear(parseInt(colour.slice(place, place + 2), 16) / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
}

/** The colour with its word; never one without the other. */
export function Said({ one }) {
  if (!own(one, "word")) return html`<span class="mute">${t("bulletin.unjudged")}</span>`;
  return html`<span class="said">${one.colour && html`<i class="swatch" style=${{ background: `#${one.colour}` }} title=${own(one, "colour")}></i>`}${own(one, "word")}</span>`;
}

/** What is missing, by name. @param {any} one @param {(name: string) => string} name */
export const missing = (one, name) => one.missing.map(name).join(t("bulletin.comma"));

/** The section's place among the others: loading, failed, or nothing to say. */
export function Standing({ state, empty }) {
  if (state === "loading") return html`<p class="empty loading">${t("loading")}</p>`;
  if (state !== "ready") return html`<p class="failed" role="alert">${t("failed", { why: state })}</p>`;
  return html`<p class="empty">${empty}</p>`;
}
