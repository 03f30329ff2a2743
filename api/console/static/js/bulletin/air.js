/** The air: index or good days of each station, primary pollutants, means, and the course of the period as cells with numbers. */
import { html } from "../vendor.js";
import { unitText } from "../format.js";
import { t } from "../words.js";
import { air, key } from "./data.js";
import { current, kind, lastYear, moved } from "./period.js";
import { Said, Standing, ink, own, percent, stationName } from "./words.js";

const GOOD_UP_TO = 100;

export function Air() {
  const found = air.value;
  const ready = found.state === "ready" && found.course.size > 0;
  return html`<section aria-labelledby="air-title">
    <h2 id="air-title">${t("bulletin.air")}</h2>
    ${ready
      ? html`<${Summary} found=${found} />${kind.value === "day" ? html`<${Day} found=${found} />` : html`<${Period} found=${found} />`}${kind.value === "year" && html`<${Year} found=${found} />`}<${Course} found=${found} />`
      : html`<${Standing} state=${found.state} empty=${t("bulletin.air.none")} />`}
  </section>`;
}

/** Good days among those that could be judged. @param {any[] | undefined} days */
export function good(days) {
  const judged = (days ?? []).filter((one) => one.value !== null);
  const kept = judged.filter((one) => one.value <= GOOD_UP_TO).length;
  return { kept, judged: judged.length, all: (days ?? []).length, share: judged.length ? kept / judged.length : null };
}

function Summary({ found }) {
  const days = kind.value === "day" ? found.now : [...found.course.values()].flat();
  const { kept, judged, share } = good(days);
  const word = kind.value === "day" ? "bulletin.air.count.day" : "bulletin.air.count";
  return html`<p class="lead">${t(word, { all: found.course.size, kept, judged, share: share === null ? "–" : percent(share) })}</p>`;
}

const pollutants = (rows) => [...new Map(rows.flatMap((one) => one.parts ?? []).map((part) => [part.indicator, part])).values()];

function Head({ before, parts }) {
  const first = kind.value === "day" ? ["station", "aqi", "category", "primary"] : ["station", "good", "primary.days"];
  return html`<thead><tr>
    ${first.map((name) => html`<th scope="col">${t(`bulletin.${name}`)}</th>`)}
    ${before.map((name) => html`<th scope="col">${t(name)}</th>`)}
    ${parts.map((part) => html`<${Column} part=${part} />`)}
    <th scope="col" class="right">${t("bulletin.coverage")}</th>
  </tr></thead>`;
}

/** `PM2.5`, `O3 8h` and so on: what reports print in either language. */
function indicator(part) {
  const [, mean = ""] = part.indicator.match(/_(8h_max|p\d+|1h_max)$/) ?? [];
  const code = { pm2_5: "PM2.5", pm10: "PM10", so2: "SO₂", no2: "NO₂", co: "CO", o3: "O₃" }[part.property] ?? part.property;
  const long = part.property === "o3" && mean.startsWith("p") ? ["8h"] : [];
  const word = mean.startsWith("p") ? t("bulletin.percentile", { n: mean.slice(1) }) : mean.replace("_max", "");
  return [code, ...long, word].filter(Boolean).join(" ");
}

/** As reported: carbon monoxide to a tenth, the rest whole. */
const shown = (part) => (part?.value === undefined || part.value === null ? "–" : part.property === "co" ? part.value.toFixed(1) : String(part.value));

const compared = () => [`bulletin.before.${kind.value}`, ...(lastYear.value ? ["bulletin.year"] : [])];

function Value({ part }) {
  const over = part?.grade === "over";
  return html`<td class="right ${over ? "c1 strong" : ""}" title=${part?.limit ? t("bulletin.limit", { limit: part.limit }) : ""}>${shown(part)}${over && html` <span class="small">${t("bulletin.over")}</span>`}</td>`;
}

function Day({ found }) {
  const parts = pollutants(found.now);
  return html`<div class="wide"><table class="sheet"><${Head} before=${compared()} parts=${parts} /><tbody>${found.now.map((one) => {
    const given = new Map(one.parts.map((part) => [part.indicator, part]));
    return html`<tr key=${key(one)}>
      <th scope="row">${stationName(one)}</th>
      <td class="strong">${one.value ?? "NA"}</td>
      <td><${Said} one=${one} /></td>
      <td>${own(one, "main").join(t("bulletin.comma")) || "–"}</td>
      <td class="nowrap"><${Rise} one=${one} other=${found.before.get(key(one))?.[0]} /></td>
      ${lastYear.value && html`<td class="nowrap"><${Rise} one=${one} other=${found.year.get(key(one))?.[0]} /></td>`}
      ${parts.map((part) => html`<${Value} part=${given.get(part.indicator)} />`)}
      <td class="right">${percent(one.coverage)}</td>
    </tr>`;
  })}</tbody></table></div>`;
}

function Rise({ one, other }) {
  if (!other || other.value === null) return html`<span class="mute">–</span>`;
  const by = one.value === null ? null : one.value - other.value;
  return html`${other.value} <span class="mute">${own(other, "word")}${by ? ` ${by > 0 ? "↑" : "↓"}${Math.abs(by)}` : ""}</span>`;
}

function Period({ found }) {
  const means = new Map(found.now.map((one) => [key(one), one]));
  const parts = kind.value === "year" ? [] : pollutants(found.now);
  return html`<div class="wide"><table class="sheet"><${Head} before=${compared()} parts=${parts} /><tbody>${[...found.course].map(([station, days]) => {
    const mine = good(days);
    const mean = means.get(station);
    const given = new Map((mean?.parts ?? []).map((part) => [part.indicator, part]));
    return html`<tr key=${station}>
      <th scope="row">${stationName(days[0])}</th>
      <td class="nowrap">${mine.share === null ? html`<span class="mute">${t("bulletin.unjudged")}</span>` : html`<b>${t("bulletin.days", { n: `${mine.kept}/${mine.judged}` })}</b><br /><span class="mute">${percent(mine.share)}</span>`}</td>
      <td>${primaries(days)}</td>
      <td class="nowrap"><${Share} now=${mine} before=${good(found.before.get(station))} /></td>
      ${lastYear.value && html`<td class="nowrap"><${Share} now=${mine} before=${good(found.year.get(station))} /></td>`}
      ${parts.map((part) => html`<${Value} part=${given.get(part.indicator)} />`)}
      <td class="right">${mean ? percent(mean.coverage) : "–"}</td>
    </tr>`;
  })}</tbody></table></div>`;
}

/** A year has two columns a pollutant, which is a table of its own: means and percentiles against their limits. */
function Year({ found }) {
  const parts = pollutants(found.now);
  return html`<h3>${t("bulletin.means")}</h3><div class="wide"><table class="sheet">
    <thead><tr><th scope="col">${t("bulletin.station")}</th><th scope="col">${t("bulletin.verdict")}</th>${parts.map((part) => html`<${Column} part=${part} />`)}</tr></thead>
    <tbody>${found.now.map((one) => html`<tr key=${key(one)}>
      <th scope="row">${stationName(one)}</th>
      <td class="${one.value === "over" ? "c1 strong" : ""}">${own(one, "text")}</td>
      ${one.parts.map((part) => html`<${Value} part=${part} />`)}
    </tr>`)}</tbody>
  </table></div>`;
}

const Column = ({ part }) => html`<th scope="col" class="right">${indicator(part)}<br /><span class="faint">${unitText(part.unit)}</span></th>`;

/** Each primary pollutant with its days, most often first. */
function primaries(days) {
  const count = new Map();
  for (const name of days.flatMap((one) => own(one, "main"))) count.set(name, (count.get(name) ?? 0) + 1);
  const found = [...count].sort((a, b) => b[1] - a[1]).map(([name, n]) => `${name} ${t("bulletin.days", { n })}`);
  return found.join(t("bulletin.comma")) || "–";
}

function Share({ now, before }) {
  if (before.share === null) return html`<span class="mute">–</span>`;
  const by = now.share === null ? null : Math.round(1000 * (now.share - before.share)) / 10;
  const rise = by === null ? "" : by === 0 ? t("bulletin.change.same") : t("bulletin.points", { by: `${by > 0 ? "↑" : "↓"}${Math.abs(by)}` });
  return html`${percent(before.share)}<br /><span class=${by < 0 ? "c2" : "mute"}>${rise}</span>`;
}

/** A day by its hours, a month by its days, a year by months and days: the number in the cell, the colour behind it, the word on it. */
function Course({ found }) {
  const rows = [...found.course].flatMap(([, cells]) => lines(cells));
  const columns = kind.value === "day" ? 24 : Math.max(...rows.map((row) => row.cells.length));
  const heads = Array.from({ length: columns }, (_, place) => (kind.value === "day" ? place : place + 1));
  return html`<h3>${t(`bulletin.course.${kind.value}`)}</h3>
    <div class="wide"><table class="course"><thead><tr><td></td>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
      <tbody>${rows.map((row) => html`<tr><th scope="row">${row.name}</th>${row.cells.length ? row.cells.map((one) => html`<${Cell} one=${one} />`) : html`<td class="none" colspan=${columns}>${t("bulletin.unjudged")}</td>`}</tr>`)}</tbody>
    </table></div>
    <${Legend} cells=${rows.flatMap((row) => row.cells)} />`;
}

function lines(cells) {
  const name = stationName(cells[0]);
  if (kind.value !== "year") return [{ name, cells }];
  if (cells.every((one) => one.value === null)) return [{ name, cells: [] }];
  const months = Array.from({ length: 12 }, (_, month) => moved(current.value.from, "month", month).slice(0, 7));
  const found = months.map((month) => ({ name: `${name} ${month.slice(5)}`, cells: cells.filter((one) => one.from.startsWith(month)) }));
  return found.filter((row) => row.cells.some((one) => !isAhead(one)));
}

const isAhead = (one) => Date.parse(one.from) > Date.now();

function Cell({ one }) {
  const ahead = isAhead(one);
  const word = ahead ? t("bulletin.ahead") : one.value === null ? own(one, "text") : `${own(one, "word")}, ${own(one, "colour")}`;
  const style = one.colour ? { background: `#${one.colour}`, color: ink(one.colour) } : {};
  return html`<td class=${ahead ? "ahead" : one.value === null ? "none" : ""} style=${style} title=${`${one.from.slice(0, 16).replace("T", " ")} ${word}`}>${one.value ?? (ahead ? "" : "–")}<span class="unseen"> ${word}</span></td>`;
}

function Legend({ cells }) {
  const seen = new Map(cells.filter((one) => one.colour).map((one) => [one.colour, one]));
  const found = [...seen.values()].sort((a, b) => a.value - b.value);
  return html`<p class="legend small mute">
    ${found.map((one) => html`<span class="said"><i class="swatch" style=${{ background: `#${one.colour}` }}></i>${own(one, "word")} (${own(one, "colour")})</span>`)}
    <span class="said"><i class="swatch none"></i>– ${t("bulletin.unjudged")}</span>
  </p>`;
}
