/** The one line of what machines and people did, the newest first, each entry chained to the one before. */
import { html } from "../vendor.js";
import { when } from "../format.js";
import { has, t } from "../words.js";
import { joined } from "./missing.js";
import { called } from "./staff.js";

const MACHINE = "hub";

/** One entry of the log in words. @param {any} entry */
export function said(entry) {
  const { after = {} } = entry;
  const told = [...new Set(Object.values(after.told ?? {}).flat().map((one) => (typeof one === "string" ? one.split(" ")[0] : "")))].filter(Boolean);
  const word = has(`log.${entry.kind}`) ? `log.${entry.kind}` : "log.other";
  const values = { who: entry.actor === MACHINE ? t("log.machine") : called(entry.actor), kind: entry.kind, level: roman(after.level), owner: called(after.owner), into: after.into ?? "", merged: after.merged ?? "", person: called(after.person), clock: has(`clock.${after.clock}`) ? t(`clock.${after.clock}`) : "" };
  const parts = [t(word, values), entry.reason, told.length ? t("log.to", { who: joined(told) }) : "", after.by_hand ? t("log.by_hand") : "", after.override ? t("log.override") : ""];
  return parts.filter(Boolean).join(t("log.and"));
}

const roman = (level) => ["", "I", "II", "III", "IV"][level] ?? "";

export function Timeline({ log, most = 12 }) {
  const last = log.at(-1);
  const lines = [...log].reverse();
  return html`<section class="card">
    <header><h2>${t("timeline")}</h2>${last && html`<span class="small mute" title=${last.hash}>${t("timeline.chain", { hash: last.hash.slice(0, 8) })}</span>`}</header>
    <ul class="timeline">${lines.slice(0, most).map((one) => html`<li class="line" key=${one.seq}><time datetime=${one.at}>${when(one.at)}</time><span>${said(one)}</span></li>`)}</ul>
    ${lines.length > most && html`<p class="small mute more-lines">${t("timeline.more", { n: lines.length - most })}</p>`}
  </section>`;
}
