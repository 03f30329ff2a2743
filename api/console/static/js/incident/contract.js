/** What must be so before it is solved, and what of it is still missing. */
import { html } from "../vendor.js";
import { t } from "../words.js";
import { inWords, itemName } from "./missing.js";

export function Contract({ contract, state }) {
  if (!contract || ["closed", "rejected", "merged", "self_cleared"].includes(state)) return null;
  return html`<section class="card">
    <header><h2>${t("contract")}</h2><span class="small ${contract.satisfied ? "cok" : "mute"}">${t(contract.satisfied ? "contract.satisfied" : "contract.open", { n: contract.missing.length })}</span></header>
    <ul class="contract">
      ${contract.items.map((one) => html`<li class=${one.satisfied ? "met" : ""}><span aria-hidden="true">${one.satisfied ? "✓" : "○"}</span><span><b>${itemName(one.kind)}</b>${one.missing.map((each) => html`<br /><span class="small mute">${inWords(each)}</span>`)}</span></li>`)}
      ${contract.missing.filter((one) => !contract.items.some((item) => item.missing.includes(one))).map((one) => html`<li><span aria-hidden="true">○</span><span>${inWords(one)}</span></li>`)}
    </ul>
    <p class="small mute pad">${t("contract.watch", { watch: contract.watch_minutes, reopen: Math.round(contract.reopen_minutes / 60) })}</p>
  </section>`;
}
