/** The last 24 hours in one line, and which feeds are not well. */
import { html } from "../vendor.js";
import { when } from "../format.js";
import { incidentTitle } from "../names.js";
import { now } from "../now.js";
import { chosen, health, incidents } from "../state.js";
import { has, t } from "../words.js";

const DAY = 86_400_000;

export function Strip() {
  const from = now.value - DAY;
  const list = [...incidents.value.values()].filter((one) => Date.parse(one.opened) > from && one.state !== "merged");
  const wrong = list.filter((one) => one.state === "rejected").length;
  return html`<footer class="strip day">
    <span class="sum">${t("strip.day")}<br /><b>${t("strip.count", { n: list.length })}</b> · ${t("strip.false", { n: wrong })}</span>
    <div class="bars" role="group" aria-label=${t("strip.day")}>
      ${list.map((one) => html`<button key=${one.id} class="bar l${one.max_level}" tabindex="-1" style=${`left:${(((Date.parse(one.opened) - from) / DAY) * 100).toFixed(2)}%`} title=${`${when(one.opened)} ${incidentTitle(one)} ${one.number}`} aria-label=${`${when(one.opened)} ${incidentTitle(one)}`} onClick=${() => (chosen.value = { incident: one.id })}></button>`)}
    </div>
    <${Parts} />
  </footer>`;
}

function Parts() {
  const parts = health.value?.parts ?? [];
  const bad = parts.filter((one) => !one.ok);
  const name = (one) => (has(`health.part.${one.name}`) ? t(`health.part.${one.name}`) : one.name);
  if (!parts.length) return html`<span class="faint">${t("health.unknown")}</span>`;
  if (!bad.length) return html`<a class="part" href="/system"><i class="dot"></i>${t("health.ok")}</a>`;
  return html`<a class="part bad" href="/system" title=${bad.map((one) => `${name(one)}: ${one.detail}`).join("\n")}><i class="dot dead"></i>${t("strip.bad", { names: bad.map(name).join(" ") })}</a>`;
}
