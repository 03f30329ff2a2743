/** A value's course against its limit; flagged values stand apart, peaks are never averaged away. */
import { html, useEffect, useRef, useState } from "./vendor.js";
import { get } from "./http.js";
import { full, number } from "./format.js";
import { lang, site } from "./site.js";
import { t } from "./words.js";

const HOUR = 3_600_000;
const VALID = ["", "N"];

/** @param {{target: any, limit?: number | null, unit: string, refresh: number, hours?: number, bare?: boolean}} props `bare`: inside a card of somebody else. */
export function Chart({ target, limit, unit, refresh, hours: first = 1, bare = false }) {
  const [hours, setHours] = useState(first);
  const [data, setData] = useState(null);
  const [problem, setProblem] = useState("");
  const box = useRef(null);
  const key = `${target.department}/${target.kind}/${target.device}/${target.property}/${hours}`;
  useEffect(() => {
    let current = true;
    read(target, hours).then(
      (found) => current && (setData(found), setProblem("")),
      (error) => current && setProblem(error.message),
    );
    return () => (current = false);
  }, [key, refresh]);
  useEffect(() => {
    if (!data || !box.current || !data.time.length) return undefined;
    let plot;
    let current = true;
    import("/static/vendor/uplot.js").then(({ default: uPlot }) => {
      if (current && box.current) plot = draw(uPlot, box.current, data, limit);
    });
    return () => {
      current = false;
      plot?.destroy();
    };
  }, [data, limit]);
  return html`<div class=${bare ? "bare" : "card"}>
    <header>
      <h2>${t("chart")} <span class="mute">${unit}</span></h2>
      <span>
        ${[1, 24].map((n) => html`<button class="quiet small" aria-pressed=${hours === n} onClick=${() => setHours(n)}>${t(`chart.${n}h`)}</button>`)}
      </span>
    </header>
    <div>
      ${problem && html`<p class="failed" role="alert">${problem}</p>`}
      ${!data && !problem && html`<p class="empty loading">${t("loading")}</p>`}
      ${data && !data.time.length && html`<p class="empty">${t("chart.empty")}</p>`}
      <div class="chart ${data?.time.length ? "" : "hidden"}" ref=${box} role="img" aria-label=${data ? summary(data, unit) : ""}></div>
      ${data?.flagged > 0 && html`<p class="small mute">${t("chart.flagged", { n: data.flagged })}</p>`}
    </div>
  </div>`;
}

async function read(target, hours) {
  const to = new Date(Date.now() + 1000);
  const from = new Date(to.getTime() - hours * HOUR);
  const query = new URLSearchParams({ ...clean(target), from: from.toISOString(), to: to.toISOString() });
  if (hours > 1) return windows(await get(`/v1/series?${query}&every=5m&agg=min,max,mean`));
  return points(await get(`/v1/observations?${query}&limit=5000`));
}

const clean = ({ department, kind, device, property }) => ({ department, kind, device, property });

function points({ items }) {
  const good = (one) => VALID.includes(one.quality) && !one.checks.includes("range");
  return {
    time: items.map((one) => Date.parse(one.time) / 1000),
    series: [items.map((one) => (good(one) ? one.value : null)), items.map((one) => (good(one) ? null : one.value))],
    flagged: items.filter((one) => !good(one)).length,
  };
}

function windows({ columns, series }) {
  const rows = series[0]?.rows ?? [];
  const column = (name) => rows.map((row) => row[columns.indexOf(name)]);
  return { time: rows.map((row) => Date.parse(row[0]) / 1000), series: [column("mean"), null, column("min"), column("max")], flagged: 0 };
}

function summary(data, unit) {
  const last = data.series[0].findLast((value) => value !== null);
  return last === undefined ? t("chart.empty") : `${full(data.time.at(-1) * 1000)} ${number(last)} ${unit}`;
}

function draw(uPlot, box, data, limit) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const axis = { stroke: colour("--faint"), font: "11px system-ui", grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  const line = { stroke: colour("--accent"), width: 1.6, points: { show: false }, spanGaps: false };
  const columns = [data.time, data.series[0]];
  const series = [{}, line];
  if (data.series[1]) {
    columns.push(data.series[1]);
    series.push({ stroke: colour("--l2"), width: 0, points: { show: true, size: 5, stroke: colour("--l2"), fill: "transparent" } });
  }
  for (const edge of data.series.slice(2)) {
    columns.push(edge);
    series.push({ stroke: colour("--accent"), width: 0.6, points: { show: false } });
  }
  if (Number.isFinite(limit)) {
    columns.push(data.time.map(() => limit));
    series.push({ stroke: colour("--l1"), width: 1.2, dash: [5, 4], points: { show: false } });
  }
  const short = data.time.at(-1) - data.time[0] < 600;
  const hour = new Intl.DateTimeFormat(lang, { timeZone: site.zone, hour: "2-digit", minute: "2-digit", second: short ? "2-digit" : undefined, hour12: false });
  const options = {
    width: box.clientWidth || 360,
    height: 176,
    legend: { show: false },
    cursor: { drag: { x: false, y: false } },
    scales: { x: { time: true } },
    axes: [{ ...axis, size: 28, values: (_, ticks) => ticks.map((tick) => hour.format(tick * 1000)), space: short ? 76 : 60 }, { ...axis, size: 44 }],
    series,
  };
  return new uPlot(options, columns, box);
}
