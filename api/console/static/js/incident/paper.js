/** The clocks as they ran, and the case to be carried away. */
import { html } from "../vendor.js";
import { age, when } from "../format.js";
import { now } from "../now.js";
import { zh } from "../site.js";
import { t } from "../words.js";
import { left } from "./clocks.js";

export function Clocks({ clocks }) {
  if (!clocks.length) return null;
  return html`<section class="card">
    <header><h2>${t("page.clocks")}</h2></header>
    <ul class="lines">${clocks.map((one) => html`<li><span>${t(`clock.${one.name}`)} <span class="mute">${when(one.by)}</span></span>${how(one)}</li>`)}</ul>
  </section>`;
}

function how(one) {
  if (one.met) return html`<span class=${one.missed ? "c1" : "cok"}>${t(one.missed ? "page.clock.late" : "page.clock.met", { at: when(one.met) })}</span>`;
  const seconds = (Date.parse(one.by) - now.value) / 1000;
  if (one.remaining_s === null) return html`<span class="mute">–</span>`;
  return seconds < 0 ? html`<span class="c1 strong">${t("page.clock.over", { age: age(-seconds) })}</span>` : html`<span>${t("page.clock.left", { left: left(seconds) })}</span>`;
}

export function Case({ whole }) {
  const address = (format) => `/v1/incidents/${whole.id}/case?format=${format}&language=${zh ? "zh" : "en"}`;
  return html`<section class="card">
    <header><h2>${t("page.case")}</h2></header>
    <div><div class="actions"><a class="button" href=${address("zip")} download>${t("page.zip")}</a><a class="button" href=${address("pdf")} download>${t("page.pdf")}</a><a class="button" href=${address("json")} download>${t("page.json")}</a><button onClick=${() => print()}>${t("page.print")}</button></div><p class="small mute">${t("page.verify")}</p></div>
  </section>`;
}
