/** The page of cameras: the wall, the month, and one camera with its events, set-up, learning and month. */
import { html, render, signal } from "../vendor.js";
import { listen, start } from "../live.js";
import { Drawing } from "../drawings.js";
import { age } from "../format.js";
import { now } from "../now.js";
import { load, take } from "../state.js";
import { Banner, Facts, watchAlarms } from "../top.js";
import { t } from "../words.js";
import { Patterns } from "./hours.js";
import { watchKeys } from "./keys.js";
import { Months } from "./month.js";
import { One } from "./one.js";
import { cameras, EVERY, hear, read, refresh, role, STALE, stationHere, touch, trouble, whoAsks } from "./state.js";
import { Wall } from "./wall.js";

const station = stationHere();
const asked = new URLSearchParams(location.search);
const view = signal(asked.get("view") ?? "");

function look(name) {
  view.value = name;
  history.replaceState(null, "", name ? `?view=${name}` : location.pathname);
}

function Tabs({ names }) {
  return html`<div class="tabs" role="group" aria-label=${t("nav.cameras")}>${names.map((name) => html`<button type="button" aria-pressed=${view.value === name} onClick=${() => look(name)}>${t(`cameras.tab.${name || (station ? "now" : "wall")}`)}</button>`)}</div>`;
}

/** Why there is nothing to show: each reason is a drawing of its own. */
function Nothing() {
  if (!trouble.value) return html`<${Drawing} kind="loading" text=${t("cameras.loading")} />`;
  if (trouble.value.status === 403) return html`<${Drawing} kind="forbidden" text=${t("cameras.forbidden")} />`;
  return html`<${Drawing} kind="failed" text=${t("failed", { why: trouble.value.message })} again=${refresh} />`;
}

function Stale() {
  const old = now.value - read.value;
  if (old < STALE) return null;
  return html`<div class="stale"><${Drawing} kind="stale" text=${t("cameras.stale", { age: age(old / 1000) })} again=${refresh} /></div>`;
}

function Page() {
  if (!read.value) return html`<h1>${t("nav.cameras")}</h1><${Nothing} />`;
  const camera = cameras.value.find((one) => one.station === station);
  if (station && !camera) return html`<h1>${t("nav.cameras")}</h1><${Drawing} kind="empty" text=${t("cameras.not_there", { station })} />`;
  const names = station ? ["", "setup", "learning", "month"] : ["", "month"];
  return html`<${Patterns} /><${Stale} />
    ${station ? html`<${One} camera=${camera} view=${view.value} tabs=${html`<${Tabs} names=${names} />`} />` : html`<header class="head"><h1>${t("nav.cameras")}</h1><${Tabs} names=${names} /></header>${view.value === "month" ? html`<${Months} cameras=${cameras.value} />` : html`<${Wall} />`}`}`;
}

render(html`<${Facts} />`, document.getElementById("facts"));
render(html`<${Banner} />`, document.getElementById("banner"));
render(html`<${Page} role=${role} />`, document.getElementById("page"));
watchAlarms();
watchKeys();
listen(take, load);
listen(hear, () => {
  refresh();
  for (const one of cameras.value) touch(one.station);
});
await start();
setInterval(() => document.visibilityState === "visible" && refresh(), EVERY);
await whoAsks();
await Promise.all([load(), refresh()]);
