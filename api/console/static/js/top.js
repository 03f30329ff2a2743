/** The header's live facts, the banner of blocked sound, and alarms; on every page. */
import { effect, html } from "./vendor.js";
import { age } from "./format.js";
import { connected, heard } from "./live.js";
import { now } from "./now.js";
import { alarm, blocked, play, toggle, unlock, wanted } from "./sound.js";
import { byState, dead, stations } from "./state.js";
import { fresh, valuesByStation } from "./stations.js";
import { t } from "./words.js";

const LATE = 15_000;
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

/** Sound and the title's badge follow the worst incident nobody has taken; one that is new, or worse than it was, is heard at once. */
export function watchAlarms() {
  const plain = document.title;
  let known = new Map();
  effect(() => {
    const waiting = byState.value.detected;
    const fresh = waiting.some((one) => one.level < (known.get(one.id) ?? 9));
    known = new Map(waiting.map((one) => [one.id, one.level]));
    alarm(waiting.length ? Math.min(...waiting.map((one) => one.level)) : 0, fresh);
    document.title = waiting.length ? `(${waiting.length}) ${plain}` : plain;
  });
}
