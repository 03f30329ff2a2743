/** What the symbols mean, and whose map this is. */
import { html } from "../vendor.js";
import { Level, State } from "../shapes.js";
import { t } from "../words.js";

/** @param {{attribution: string}} props */
export function Legend({ attribution }) {
  return html`<div class="map-legend">
    <span><${State} state="online" />${t("map.legend.normal")}</span>
    ${[1, 2, 3, 4].map((level) => html`<span><${Level} level=${level} />${t(`level.${level}`)}</span>`)}
    <span><${State} state="silent" />${t("state.silent")}</span>
    <span><${State} state="offline" />${t("state.offline")}</span>
    <span><svg class="shape arrow" viewBox="0 0 28 28" aria-hidden="true"><path d="M14 2L23 25 14 20 5 25z" /></svg>${t("stations.vehicle")}</span>
    <span class="faint">${attribution}</span>
  </div>`;
}
