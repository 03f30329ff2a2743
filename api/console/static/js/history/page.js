/** Analysis: what is asked at the left, the chart and the table of its lines beside it. */
import { effect, html, render, signal } from "../vendor.js";
import { session } from "../http.js";
import { listen, start } from "../live.js";
import { propertyName } from "../names.js";
import { load, loaded, stationKey, stations, take } from "../state.js";
import { Banner, Facts, watchAlarms } from "../top.js";
import { t } from "../words.js";
import { Chart } from "./chart.js";
import { Download } from "./export.js";
import { source, text } from "./limit.js";
import { follow, limitOf, problems } from "./load.js";
import { Numbers } from "./numbers.js";
import { shownUnit, targetOf } from "./scene.js";
import { Side } from "./side.js";
import { dayOf } from "./span.js";
import { Table } from "./table.js";
import { lines, link, show, span, view } from "./view.js";

const copied = signal(false);
/** On a narrow screen what is asked is folded away. */
const asking = signal(false);
const PREFERRED = ["nh3_n", "pm2_5", "cod", "speed"];

function Page() {
  return html`
    <button class="history-ask" aria-expanded=${asking.value} onClick=${() => (asking.value = !asking.value)}>${t("history.asked")}</button>
    <section class="history-side" data-open=${asking.value} aria-label=${t("history.asked")}><${Side} /></section>
    <section class="history-main">
      <${Title} />
      <${Problems} />
      ${lines.value.length ? html`<${Chart} /><${Table} /><${Numbers} />` : html`<${Nothing} />`}
    </section>
  `;
}

function Title() {
  const { properties, step } = view.value;
  const first = lines.value[0];
  const limit = first && limitOf(first.key);
  const names = first ? properties.map((property) => propertyName(targetOf({ ...first, property }))).join(" / ") : t("nav.history");
  const range = `${dayOf(span.value.from)} ${t("history.until")} ${dayOf(span.value.to - 1)}`;
  const unit = first ? shownUnit(first) : "";
  return html`<header class="history-title">
    <h1>${names}${first ? ` · ${t(`history.title.${step}`)}` : ""}</h1>
    <span class="mute">${range}${limit && view.value.limits ? ` · ${source(limit)} ${text(limit, unit)}` : unit && ` · ${unit}`}</span>
    <div class="history-acts"><button onClick=${copy}>${t(copied.value ? "history.copied" : "history.copy")}</button><${Download} /></div>
  </header>`;
}

/** What the hub refused, each sentence once, with what to do about it. */
function Problems() {
  const said = new Map();
  for (const error of problems.value.values()) {
    const advice = (error.errors ?? []).map((one) => `${t(ADVICE[one.field] ?? "history.advice.other")} (${one.expected})`).join(" ");
    const words = error.status === 422 ? advice : error.status === 403 ? t("history.advice.forbidden") : error.status === 503 ? t("history.advice.away") : "";
    said.set(words || t("failed", { why: error.message }), true);
  }
  return [...said.keys()].map((words) => html`<p class="failed card" role="alert">${words}</p>`);
}

const ADVICE = { every: "history.advice.every", from: "history.advice.from", to: "history.advice.from", stations: "history.advice.stations", property: "history.advice.property", width: "history.advice.from" };

function Nothing() {
  const words = loaded.value === "loading" ? t("loading") : loaded.value !== "ready" ? t("failed", { why: loaded.value }) : view.value.stations.length ? t("history.choose.property") : t("history.choose.station");
  return html`<p class="empty card ${loaded.value === "loading" ? "loading" : ""}">${words}</p>`;
}

async function copy() {
  try {
    await navigator.clipboard.writeText(link());
    copied.value = true;
    setTimeout(() => (copied.value = false), 2000);
  } catch {
    // No clipboard without TLS.
    prompt(t("history.copy"), link());
  }
}

/** Something to look at first: up to three stations that have what is asked about most. */
function begin() {
  const { stations: chosen, properties } = view.value;
  if (chosen.length && properties.length) return;
  const has = (name) => stations.value.filter((one) => one.datastreams.includes(name) && (!chosen.length || chosen.includes(stationKey(one))));
  const name = properties[0] ?? PREFERRED.find((one) => has(one).length) ?? stations.value.find((one) => one.datastreams.length && (!chosen.length || chosen.includes(stationKey(one))))?.datastreams[0];
  if (name) show({ properties: properties.length ? properties : [name], stations: chosen.length ? chosen : has(name).slice(0, 3).map(stationKey) }, true);
}

effect(() => document.body.toggleAttribute("data-lines", lines.value.length > 0));
render(html`<${Page} />`, document.getElementById("history-page"));
// The lines of a link are asked for before anything else: a register of thousands is not waited for.
follow();
await session();
render(html`<${Facts} />`, document.getElementById("facts"));
render(html`<${Banner} />`, document.getElementById("banner"));
watchAlarms();
listen(take, load);
await start();
await load();
begin();
