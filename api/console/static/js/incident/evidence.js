/** Is it real? The picture with its boxes beside the last clear one, or the value's day against its limit, or the way it went. */
import { html, useEffect, useState } from "../vendor.js";
import { Chart } from "../chart.js";
import { age, full, number, unitText, when } from "../format.js";
import { get } from "../http.js";
import { now } from "../now.js";
import { Level, State } from "../shapes.js";
import { stationKey, stations } from "../state.js";
import { fresh, valuesByStation } from "../stations.js";
import { t } from "../words.js";
import { title } from "../names.js";

const SHOWS = ["overlay", "photo", "frame", "crop", "thumbnail"];
const ROLES = ["best", "now", "before", "last", "first", ""];
const rank = (list, value) => (list.indexOf(value) + 1 || list.length + 1);

/** @param {any[]} evidence */
export function pictures(evidence) {
  const shown = evidence.filter((one) => one.media_type.startsWith("image/"));
  const after = shown.filter((one) => one.role === "after").sort((a, b) => Date.parse(b.captured ?? b.added) - Date.parse(a.captured ?? a.added));
  const [main] = shown.filter((one) => one.role !== "after").sort((a, b) => rank(SHOWS, a.kind) - rank(SHOWS, b.kind) || rank(ROLES, a.role) - rank(ROLES, b.role));
  const time = (one) => Date.parse(one.captured ?? one.added);
  const clear = shown.filter((one) => one !== main && one.role !== "after" && one.kind === "frame" && (one.role === "before" || (main && time(one) < time(main)))).sort((a, b) => Number(b.role === "before") - Number(a.role === "before"))[0];
  return { main, clear, after, all: shown };
}

export function Evidence({ whole }) {
  const { main, clear } = pictures(whole.evidence);
  const [alert] = whole.alerts;
  const target = whole.target;
  return html`<section class="card evidence" aria-label=${t("evidence")}>
    <header><h2>${t("evidence")}</h2><${Sensor} target=${target} alert=${alert} /></header>
    ${main && html`<div class="pair ${clear ? "two" : ""}"><${Picture} piece=${main} word=${main.kind === "photo" ? "evidence.photo" : "evidence.found"} />${clear && html`<${Picture} piece=${clear} word="evidence.clear" />`}</div>`}
    ${target.property && html`<${Chart} bare=${true} hours=${24} target=${target} limit=${alert?.limit} unit=${unitText(alert?.unit)} refresh=${Math.floor(now.value / 30_000)} />`}
    ${target.kind === "vehicle" && html`<${Way} target=${target} to=${whole.closed ?? whole.solved} />`}
    ${!main && !target.property && target.kind !== "vehicle" && html`<p class="small mute pad">${t("evidence.none")}</p>`}
    <${Facts} whole=${whole} />
  </section>`;
}

function Sensor({ target, alert }) {
  const entry = stations.value.find((one) => stationKey(one) === stationKey(target));
  if (!entry) return null;
  const values = valuesByStation();
  const state = fresh(entry, values);
  const last = Math.max(...[...(values.get(stationKey(target)) ?? new Map()).values()].map((one) => Date.parse(one.time)), entry.last_seen ? Date.parse(entry.last_seen) : -Infinity);
  const whole = alert?.coverage === null || alert?.coverage === undefined ? "" : ` · ${t("facts.coverage")} ${Math.round(alert.coverage * 100)} %`;
  return html`<span class="small mute sensor"><${State} state=${state} />${t(`state.${state}`)}${Number.isFinite(last) ? ` · ${age((now.value - last) / 1000)}` : ""}${whole}</span>`;
}

export function Picture({ piece, word }) {
  const [broken, setBroken] = useState(false);
  const source = `/v1/evidence/${piece.sha256}`;
  const moment = piece.captured ?? piece.added;
  return html`<figure>
    ${broken ? html`<p class="gone small mute">${t("evidence.gone")}</p>` : html`<a href=${source} target="_blank"><img src=${source} alt=${`${t(word)} ${full(moment)}`} loading="lazy" onError=${() => setBroken(true)} /></a>`}
    <figcaption class="small"><b>${t(word)}</b> <span class="mute">${when(moment)} · ${piece.device || piece.added_by} · ${piece.sha256.slice(0, 8)}</span></figcaption>
  </figure>`;
}

function Facts({ whole }) {
  const [alert, ...others] = whole.alerts;
  const unit = unitText(alert?.unit);
  const rows = [
    whole.text && [t("facts.text"), whole.text],
    alert && alert.value !== null && [t("facts.value"), `${number(alert.value)} ${unit}${alert.limit === null ? "" : ` · ${t("limit", { limit: `${number(alert.limit)} ${unit}` })}`}`],
    alert && [t("facts.condition"), html`<${Level} level=${alert.level} /> ${t(`condition.${alert.condition}`)} · ${full(alert.breach_start)}`],
    alert && [t("facts.rule"), `${title(alert.target, alert.rule.id)} · ${alert.rule.id} · ${t("facts.version", { n: alert.rule.version })}`],
    others.length && [t("facts.others"), t("facts.alerts", { n: others.length, names: [...new Set(others.map((one) => title(one.target, one.rule.id)))].slice(0, 4).join(" · ") })],
    whole.area && [t("facts.area"), whole.area],
  ].filter(Boolean);
  return html`<div><dl class="facts-list">${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></div>`;
}

/** The last hour of a vehicle as a line; the map page plays it. */
function Way({ target, to }) {
  const [points, setPoints] = useState(null);
  const end = to ? Date.parse(to) : Math.floor(now.value / 60_000) * 60_000;
  const words = new URLSearchParams({ from: new Date(end - 3_600_000).toISOString(), to: new Date(end).toISOString(), width: "360" });
  const path = `/v1/vehicles/${stationKey(target)}/track?${words}`;
  useEffect(() => {
    let current = true;
    get(path).then((found) => current && setPoints(found.parts.flat()), () => current && setPoints([]));
    return () => (current = false);
  }, [path]);
  if (!points) return html`<p class="empty loading small">${t("loading")}</p>`;
  if (points.length < 2) return html`<p class="small mute pad">${t("evidence.no_way")}</p>`;
  return html`<div><svg class="way" viewBox="0 0 360 180" role="img" aria-label=${t("evidence.way")}><polyline points=${line(points)} /></svg><a class="small" href=${`/map?pick=${stationKey(target)}`}>${t("evidence.play")}</a></div>`;
}

function line(rows) {
  const [lons, lats] = [rows.map((row) => row[1]), rows.map((row) => row[2])];
  const [west, south] = [Math.min(...lons), Math.min(...lats)];
  const flat = Math.cos((south * Math.PI) / 180);
  const wide = Math.max((Math.max(...lons) - west) * flat, Math.max(...lats) - south, 1e-6);
  return rows.map((row) => `${(20 + (((row[1] - west) * flat) / wide) * 320).toFixed(1)},${(165 - ((row[2] - south) / wide) * 150).toFixed(1)}`).join(" ");
}
