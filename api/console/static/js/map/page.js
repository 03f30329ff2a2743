/** Map and replay: list, map, the one chosen thing. */
import { html, render, signal } from "../vendor.js";
import { full } from "../format.js";
import { session } from "../http.js";
import { listen, start } from "../live.js";
import { load, take } from "../state.js";
import { Banner, Facts, watchAlarms } from "../top.js";
import { t } from "../words.js";
import { Detail } from "./detail.js";
import { Legend } from "./legend.js";
import { List } from "./list.js";
import { loadVehicles, marks, wanted } from "./marks.js";
import { cursor, live, loadTrack, toggle } from "./replay.js";
import { link, moment, pace, pick, picked, playing, tab } from "./view.js";

const map = signal(null);
const problem = signal("");
const copied = signal(false);

function Page() {
  return html`
    <h1 class="unseen">${t("nav.map")}</h1>
    <div class="tabs map-tabs" role="tablist">
      ${["list", "map", "detail"].map((name) => html`<button role="tab" aria-selected=${tab.value === name} onClick=${() => (tab.value = name)}>${t(`map.tab.${name}`)}</button>`)}
    </div>
    <section class="map-list" data-tab="list" data-here=${tab.value === "list"} aria-label=${t("map.list")}><${List} /></section>
    <section class="map-middle" data-tab="map" data-here=${tab.value === "map"} aria-label=${t("nav.map")}>
      <div id="map" tabindex="0" role="application" aria-label=${t("map.help")}></div>
      ${problem.value && html`<p class="map-failed failed" role="alert">${t("map.failed", { why: problem.value })}</p>`}
      ${!map.value && !problem.value && html`<p class="map-failed empty loading">${t("loading")}</p>`}
      ${map.value && html`<${Tools} />`}
      <${Replaying} />
      <${Legend} attribution=${map.value?.attribution ?? ""} />
    </section>
    <section class="map-detail" data-tab="detail" data-here=${tab.value === "detail"} aria-label=${t("map.tab.detail")}>
      <${Detail} locate=${locate} fitTrack=${fitTrack} />
    </section>
  `;
}

function Tools() {
  return html`<div class="map-tools" role="group" aria-label=${t("map.tools")}>
    <button aria-label=${t("map.in")} title=${t("map.in")} onClick=${() => map.value.zoom(1)}>+</button>
    <button aria-label=${t("map.out")} title=${t("map.out")} onClick=${() => map.value.zoom(-1)}>−</button>
    <button aria-label=${t("map.all")} title=${t("map.all")} onClick=${() => map.value.fit()}>◎</button>
    <button class="wide" onClick=${copy}>${t(copied.value ? "map.copied" : "map.copy")}</button>
  </div>`;
}

/** The past is never taken for now: it says so across the map, and other vehicles are not drawn. */
function Replaying() {
  if (moment.value === null || !cursor.value) return null;
  const state = playing.value ? `×${pace.value}` : t("map.replay.paused");
  return html`<div class="map-replaying" role="status"><b>${t("map.replay")}</b> <span>${full(moment.value)} · ${state}</span> <button onClick=${live}>${t("map.replay.live")} <kbd>L</kbd></button></div>`;
}

function locate(at) {
  tab.value = "map";
  map.value?.show(at);
}

function fitTrack(found) {
  tab.value = "map";
  map.value?.fitTrack(found);
}

async function copy() {
  try {
    await navigator.clipboard.writeText(link());
    copied.value = true;
    setTimeout(() => (copied.value = false), 2000);
  } catch {
    // No clipboard without TLS: the address bar has it.
    history.replaceState(null, "", link());
    prompt(t("map.copy"), link());
  }
}

function step(by) {
  const list = wanted.peek();
  const index = list.findIndex((one) => one.key === picked.peek());
  const next = list[Math.min(list.length - 1, Math.max(0, index + by))];
  if (!next) return;
  pick(next.key);
  document.querySelector(`[data-mark="${CSS.escape(next.key)}"]`)?.focus();
}

const KEYS = { j: () => step(1), k: () => step(-1), p: toggle, l: live, c: () => centre(), escape: away };

function away() {
  pick("");
  if (tab.peek() === "detail") tab.value = "list";
}

function centre() {
  const mark = marks.peek().find((one) => one.key === picked.peek());
  if (mark?.place) locate(mark.place);
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target instanceof Element && event.target.closest("input:not([type=range]), textarea, select")) return;
  const act = KEYS[event.key.toLowerCase()];
  if (!act) return;
  act();
  event.preventDefault();
});

const again = async () => {
  await load();
  await loadVehicles();
  loadTrack();
};

await session();
render(html`<${Facts} />`, document.getElementById("facts"));
render(html`<${Banner} />`, document.getElementById("banner"));
render(html`<${Page} />`, document.getElementById("map-page"));
watchAlarms();
listen(take, again);
await start();
await again();
// The map comes after the list, which is useful without it.
try {
  const { openMap } = await import("./canvas.js");
  map.value = await openMap(document.getElementById("map"));
} catch (error) {
  problem.value = String(error.message ?? error);
}
