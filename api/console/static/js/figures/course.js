/** Incidents of each of the last six months, and how many of them were no incidents. */
import { html, useEffect, useRef, useState } from "../vendor.js";
import { get } from "../http.js";
import { t } from "../words.js";

const MONTHS = 6;

/** @param {string} month @param {number} back */
function before(month, back) {
  const [year, number] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 - back, 1)).toISOString().slice(0, 7);
}

export function Course({ month }) {
  const [rows, setRows] = useState(null);
  const box = useRef(null);
  useEffect(() => {
    let current = true;
    const asked = Array.from({ length: MONTHS }, (_, place) => before(month, MONTHS - 1 - place));
    Promise.all(asked.map((one) => get(`/v1/figures?month=${one}`))).then((all) => current && setRows(all), () => current && setRows([]));
    return () => (current = false);
  }, [month]);
  useEffect(() => {
    if (!rows?.length || !box.current) return undefined;
    let plot;
    let current = true;
    import("/static/vendor/uplot.js").then(({ default: uPlot }) => {
      if (current && box.current) plot = draw(uPlot, box.current, rows);
    });
    return () => {
      current = false;
      plot?.destroy();
    };
  }, [rows]);
  if (!rows) return html`<p class="empty loading">${t("loading")}</p>`;
  const words = rows.map((one) => `${one.month} ${one.totals.incidents}/${one.totals.rejected}`).join(", ");
  return html`<section class="card"><header><h2>${t("figures.course")}</h2><span class="small legend"><i class="one"></i>${t("figures.total.incidents")} <i class="two"></i>${t("figures.total.rejected")}</span></header><div><div class="chart" ref=${box} role="img" aria-label=${words}></div></div></section>`;
}

function draw(uPlot, box, rows) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const axis = { stroke: colour("--faint"), font: "11px system-ui", grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  const bars = uPlot.paths.bars({ size: [0.5, 60] });
  const slim = uPlot.paths.bars({ size: [0.25, 30] });
  const options = {
    width: box.clientWidth,
    height: 200,
    cursor: { show: false },
    legend: { show: false },
    scales: { x: { time: false, range: [-0.6, rows.length - 0.4] }, y: { range: (_, _low, high) => [0, Math.max(4, high * 1.1)] } },
    axes: [{ ...axis, grid: { show: false }, splits: () => rows.map((_, place) => place), values: () => rows.map((one) => one.month) }, axis],
    series: [{}, { stroke: colour("--accent"), fill: colour("--accent"), paths: bars, points: { show: false } }, { stroke: colour("--l2"), fill: colour("--l2"), paths: slim, points: { show: false } }],
  };
  return new uPlot(options, [rows.map((_, place) => place), rows.map((one) => one.totals.incidents), rows.map((one) => one.totals.rejected)], box);
}
