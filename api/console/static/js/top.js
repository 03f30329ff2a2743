/** The header's live facts and the strip of feed health; on every page. */
import { effect, html } from "./vendor.js";
import { age } from "./format.js";
import { connected, heard } from "./live.js";
import { now } from "./now.js";
import { alarm, blocked, play, toggle, unlock, wanted } from "./sound.js";
import { byState, dead, health, stations } from "./state.js";
import { fresh, valuesByStation } from "./stations.js";
import { has, t } from "./words.js";

const LATE = 15_000;
// A worker commits about once a second: a few records behind is how it works.
const SHOWN_LAG = 200;
const LOST = 30_000;

export function Facts() {
  const silent = now.value - heard.value;
  const state = !heard.value ? "late" : !connected.value || silent > LOST ? "dead" : silent > LATE ? "late" : "";
  const text = !heard.value ? t("live.waiting") : state === "dead" ? t("live.lost", { age: age(silent / 1000) }) : `${t("live")} ${age(silent / 1000)}`;
  return html`
    <span class=${state} role="status"><i class="dot"></i>${text}</span>
    <${Online} />
    <a class=${dead.value ? "late" : ""} href="/dead-letters">${t("dead.count")} <b>${dead.value >= 100 ? "100+" : dead.value}</b></a>
    <button aria-pressed=${wanted.value} onClick=${toggle}>${t(wanted.value ? "sound.on" : "sound.off")}</button>
  `;
}

/** One number for all kinds; which of them are missing is in its title and on the desk. */
function Online() {
  const values = valuesByStation();
  const kinds = ["water", "air", "source", "vehicle", "camera"].map((kind) => {
    const list = stations.value.filter((one) => one.kind === kind && !one.gateway);
    return { kind, all: list.length, online: list.filter((one) => fresh(one, values) === "online").length };
  });
  const [all, online] = ["all", "online"].map((name) => kinds.reduce((sum, one) => sum + one[name], 0));
  if (!all) return null;
  const each = kinds.filter((one) => one.all).map((one) => `${t(`stations.${one.kind}`)} ${one.online}/${one.all}`);
  return html`<span class=${online < all ? "late" : ""} title=${each.join(" · ")}>${t("stations.online")} <b>${online}/${all}</b></span>`;
}

export function Banner() {
  if (!blocked.value) return null;
  return html`<div class="banner" role="alert"><span>${t("sound.blocked")}</span><button onClick=${() => unlock().then(() => play(3))}>${t("sound.allow")}</button></div>`;
}

export function Strip() {
  const parts = health.value?.parts ?? [];
  return html`<footer class="strip" aria-label=${t("system.title")}>
    ${!parts.length && html`<span class="faint">${t("health.unknown")}</span>`}
    ${parts.map(
      (one) => html`<span class="part ${one.ok ? "" : "bad"}" title=${one.detail}>
        <i class="dot ${one.ok ? "" : "dead"}"></i>${has(`health.part.${one.name}`) ? t(`health.part.${one.name}`) : one.name}
        ${one.lag >= SHOWN_LAG ? html`<span>${t("health.lag", { n: one.lag })}</span>` : ""} ${one.ok ? "" : one.detail}
      </span>`,
    )}
  </footer>`;
}

/** Sound and the title's badge follow the worst incident nobody has taken. */
export function watchAlarms() {
  const plain = document.title;
  effect(() => {
    const waiting = byState.value.detected;
    alarm(waiting.length ? Math.min(...waiting.map((one) => one.level)) : 0);
    document.title = waiting.length ? `(${waiting.length}) ${plain}` : plain;
  });
}
