/** The month in figures: how fast incidents are found, told and solved, whom that loads, and which rules cry wolf. */
import { html, render, signal } from "../vendor.js";
import { Drawing, trouble } from "../drawings.js";
import { full } from "../format.js";
import { get, session } from "../http.js";
import { listen, start } from "../live.js";
import { eventName } from "../names.js";
import { showKeys } from "../keys.js";
import { site, zh } from "../site.js";
import { load, me, rules, stations, take } from "../state.js";
import { toggle } from "../sound.js";
import { Banner, Facts, watchAlarms } from "../top.js";
import { has, t } from "../words.js";
import { Course } from "./course.js";
import { span } from "./span.js";

const STEPS = ["detect", "notify", "acknowledge", "arrive", "solve"];
const FILES = ["steps", "officers", "rules", "worst", "stale"];
const present = new Intl.DateTimeFormat("sv-SE", { timeZone: site.zone, year: "numeric", month: "2-digit" }).format(new Date());
const month = signal(new URLSearchParams(location.search).get("month") ?? present);
const found = signal(null);
const error = signal(null);

async function refresh() {
  const asked = month.value;
  history.replaceState(null, "", `/figures?month=${asked}`);
  try {
    const answer = await get(`/v1/figures?month=${asked}`);
    if (asked === month.value) [found.value, error.value] = [answer, null];
  } catch (problem) {
    if (asked === month.value) [found.value, error.value] = [null, problem];
  }
}

function choose(value) {
  if (!/^\d{4}-\d{2}$/.test(value)) return;
  month.value = value;
  found.value = null;
  refresh();
}

function step(by) {
  const [year, number] = month.value.split("-").map(Number);
  const next = new Date(Date.UTC(year, number - 1 + by, 1));
  choose(next.toISOString().slice(0, 7));
}

function Page() {
  return html`<h1>${t("figures.title", { month: month.value })}</h1>
    <div class="filters" role="group" aria-label=${t("figures.month")}>
      <button aria-label=${t("figures.before")} onClick=${() => step(-1)}>‹ <kbd>[</kbd></button>
      <input type="month" aria-label=${t("figures.month")} value=${month.value} onChange=${(event) => choose(event.target.value)} />
      <button aria-label=${t("figures.after")} disabled=${month.value >= present} onClick=${() => step(1)}>› <kbd>]</kbd></button>
      <button onClick=${() => print()}>${t("figures.print")}</button>
      <span class="small mute">${found.value ? t("figures.as_of", { at: full(found.value.as_of), zone: site.offset }) : ""}</span>
    </div>
    ${error.value ? trouble(error.value, refresh) : !found.value ? html`<${Drawing} kind="loading" text=${t("loading")} />` : html`<${Month} figures=${found.value} />`}`;
}

function Month({ figures }) {
  const { totals } = figures;
  const nothing = !totals.incidents && !totals.alerts;
  return html`<dl class="totals">${["incidents", "solved", "open", "rejected", "self_cleared", "merged", "overridden", "alerts"].map((name) => html`<div><dt>${t(`figures.total.${name}`)}</dt><dd>${totals[name]}</dd></div>`)}</dl>
    ${nothing ? html`<${Drawing} kind="empty" text=${t("figures.none")} />` : html`<${Steps} steps=${figures.steps} /><${Course} month=${month.value} /><${Table} name="rules" rows=${figures.rules} columns=${RULES} /><${Table} name="officers" rows=${figures.officers} columns=${OFFICERS} /><${Table} name="worst" rows=${figures.worst} columns=${WORST} /><${Table} name="stale" rows=${figures.stale} columns=${STALE} />`}
    <section class="card files"><header><h2>${t("figures.export")}</h2></header><div class="actions">${FILES.flatMap((table) => ["csv", "xlsx"].map((format) => html`<a class="button small" download href=${`/v1/figures?month=${month.value}&table=${table}&format=${format}`}>${t(`figures.${table}`)} ${format.toUpperCase()}</a>`))}</div></section>`;
}

/** A bar from nothing to half of them, a line on to nine of ten: on one scale, that of the logarithm, since minutes and days stand side by side. */
function Steps({ steps }) {
  const all = STEPS.map((name) => steps.find((one) => one.step === name && one.type === "*" && one.area === "*")).filter(Boolean);
  const groups = new Map();
  for (const one of steps) {
    if (one.type === "*" || one.area !== "*") continue;
    if (!groups.has(one.type)) groups.set(one.type, {});
    groups.get(one.type)[one.step] = one;
  }
  const areas = new Map();
  for (const one of steps) {
    if (one.area === "*" || one.type !== "*") continue;
    if (!areas.has(one.area)) areas.set(one.area, {});
    areas.get(one.area)[one.step] = one;
  }
  return html`<section class="card"><header><h2>${t("figures.steps")}</h2><span class="small mute">${t("figures.steps.lead")}</span></header><div>
    <div class="times">${all.map((one) => html`<div class="time-row"><span>${t(`figures.step.${one.step}`)}</span><${Bar} one=${one} /><span class="right"><b>${span(one.median_s)}</b> <span class="mute">${t("figures.p90", { time: span(one.p90_s) })} · ${one.count}${one.open ? ` · ${t("figures.waiting", { n: one.open })}` : ""}</span></span></div>`)}</div>
    ${[["figures.by_type", groups, typeName], ["figures.by_area", areas, areaName]].map(([head, map, name]) => map.size > 0 && html`<table class="list"><thead><tr><th scope="col">${t(head)}</th>${STEPS.map((one) => html`<th scope="col">${t(`figures.step.${one}`)}</th>`)}</tr></thead><tbody>${[...map].map(([key, row]) => html`<tr><td>${name(key)}</td>${STEPS.map((one) => html`<td class="nowrap">${row[one] ? html`${span(row[one].median_s)} <span class="mute">/ ${span(row[one].p90_s)} · ${row[one].count}</span>` : "–"}</td>`)}</tr>`)}</tbody></table>`)}
  </div></section>`;
}

const SCALE = Math.log(7 * 86_400);
const part = (seconds) => Math.min(100, (Math.log(Math.max(1, seconds)) / SCALE) * 100);

function Bar({ one }) {
  return html`<svg class="bar-line" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="back" width="100" height="10" /><rect class="far" y="3.5" width=${part(one.p90_s ?? 1)} height="3" /><rect class="half" width=${part(one.median_s ?? 1)} height="10" /></svg>`;
}

const typeName = (type) => (has(`figures.type.${type}`) ? t(`figures.type.${type}`) : eventName(type));
const areaName = (area) => area || t("figures.no_area");
const ruleName = (id) => (id.startsWith("event:") ? eventName(id.slice(6)) : ((zh ? rules.value.get(id)?.name_zh : rules.value.get(id)?.name_en) || id));
const placeName = (key) => {
  const one = stations.value.find((each) => `${each.department}/${each.kind}/${each.device}` === key);
  return (zh ? one?.name_zh : one?.name_en) || key;
};
const percent = (share) => `${Math.round(share * 100)} %`;

const RULES = [["rule", (one) => ruleName(one.rule)], ["count", (one) => one.incidents], ["false", (one) => one.rejected], ["share", (one) => percent(one.false_share)], ["causes", (one) => Object.entries(one.causes).map(([name, n]) => `${has(`figures.cause.${name}`) ? t(`figures.cause.${name}`) : name} ${n}`).join(" · ")]];
const OFFICERS = [["officer", (one) => one.officer], ["notices", (one) => one.notices], ["night", (one) => one.night], ["busiest", (one) => one.busiest_hour], ["acknowledged", (one) => one.acknowledged], ["closed", (one) => one.closed]];
const WORST = [["rule", (one) => ruleName(one.rule)], ["station", (one) => placeName(one.station)], ["alerts", (one) => one.alerts], ["share", (one) => percent(one.share)], ["worst_hour", (one) => one.worst_hour], ["chatter", (one) => (one.chatter ? t("figures.yes") : "")]];
const STALE = [["rule", (one) => ruleName(one.rule)], ["station", (one) => placeName(one.station)], ["fired", (one) => full(one.fired)], ["hours", (one) => Math.round(one.hours)]];

function Table({ name, rows, columns }) {
  return html`<section class="card"><header><h2>${t(`figures.${name}`)}</h2></header><div>
    ${!rows.length && html`<p class="small mute">${t("figures.table.none")}</p>`}
    ${rows.length > 0 && html`<div class="wide"><table class="list"><thead><tr>${columns.map(([key]) => html`<th scope="col">${t(`figures.head.${key}`)}</th>`)}</tr></thead><tbody>${rows.map((row) => html`<tr>${columns.map(([, value]) => html`<td>${value(row)}</td>`)}</tr>`)}</tbody></table></div>`}
  </div></section>`;
}

me.value = await session();
render(html`<${Facts} />`, document.getElementById("facts"));
render(html`<${Banner} />`, document.getElementById("banner"));
render(html`<${Page} />`, document.getElementById("page"));
watchAlarms();
listen(take, load);
await start();
await Promise.all([load(), refresh()]);

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target instanceof Element && event.target.closest("input, textarea, select")) return;
  if (event.key === "[") step(-1);
  else if (event.key === "]" && month.value < present) step(1);
  else if (event.key === "s") toggle();
  else if (event.key === "?") showKeys([["[ ]", "figures.month"], ["S", "help.sound"], ["?", "help.help"]]);
  else return;
  event.preventDefault();
});
