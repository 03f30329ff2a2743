/** Field devices: what an engineer needs at night to find out why a logger does not come through. */
import { html, render } from "../vendor.js";
import { session } from "../http.js";
import { listen, start } from "../live.js";
import { load, take } from "../state.js";
import { Banner, Facts, watchAlarms } from "../top.js";
import { t } from "../words.js";
import { Detail, toggleDigits } from "./detail.js";
import { Absent, Connections, Listeners, Quiet, Refusals } from "./lists.js";
import { begin, pick, picked, problem, query } from "./state.js";

function Page() {
  return html`<div class=${`field-page ${picked.value ? "with-detail" : ""}`}>
    <div class="field-lists">
      <h1>${t("nav.field")}</h1>
      <p class="mute">${t("field.lead")}</p>
      <${Listeners} />
      <label class="unseen" for="field-find">${t("field.find")}</label>
      <input id="field-find" type="search" placeholder=${`${t("field.find")}  /`} value=${query.value} onInput=${(event) => (query.value = event.target.value)} />
      ${problem.value && html`<p class="failed" role="alert">${t("failed", { why: problem.value })}</p>`}
      <${Quiet} /><${Refusals} /><${Absent} /><${Connections} />
    </div>
    ${picked.value && html`<${Detail} />`}
  </div>`;
}

function step(by) {
  const rows = [...document.querySelectorAll("button[data-pick]")];
  const here = rows.indexOf(document.activeElement);
  rows[Math.min(rows.length - 1, Math.max(0, here + by))]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") return pick("");
  if (event.target instanceof Element && event.target.closest("input, select, textarea")) return;
  const keys = { j: () => step(1), k: () => step(-1), h: toggleDigits, "/": () => document.getElementById("field-find").focus() };
  const act = keys[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});

await session();
render(html`<${Facts} />`, document.getElementById("facts"));
render(html`<${Banner} />`, document.getElementById("banner"));
render(html`<${Page} />`, document.getElementById("page"));
watchAlarms();
listen(take, load);
await start();
await Promise.all([load(), begin()]);
