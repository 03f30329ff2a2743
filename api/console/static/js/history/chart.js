/** The chart with its readout, its completeness bar and what is said where there is nothing to draw. */
import { effect, html, useEffect, useRef, useState } from "../vendor.js";
import { number } from "../format.js";
import { t } from "../words.js";
import { windowName } from "./axis.js";
import { busy, courses, others, width } from "./load.js";
import { share } from "./paint.js";
import { plot } from "./plot.js";
import { colourOf, nameOf, placeAt, quality, scene, shownUnit } from "./scene.js";
import { lines, show, span, view } from "./view.js";

const LEAST_WIDTH = 64;

export function Chart() {
  const [box, bar, made, wrap] = [useRef(null), useRef(null), useRef(null), useRef(null)];
  const [at, setAt] = useState(null);
  const draw = () => {
    const chart = made.current;
    if (!chart) return;
    const next = scene(chart.palette().lines);
    chart.update(next);
    share(bar.current, next.lines, chart.plot, chart.palette());
    box.current.dataset.drawn = String(next.lines.filter((one) => one.line).length);
  };
  useEffect(() => {
    const measure = () => (width.value = Math.max(LEAST_WIDTH, Math.round(box.current.clientWidth - 76)));
    measure();
    let current = true;
    let ended = () => {};
    const again = () => current && (measure(), made.current?.remake(), draw());
    import("/static/vendor/uplot.js").then(({ default: uPlot }) => {
      if (!current) return;
      const onMove = (moment, left) => setAt((before) => (moment === null ? null : before?.moment === moment && before.left === left ? before : { moment, left }));
      made.current = plot(uPlot, box.current, scene([]), { onZoom: zoom, onMove });
      // Everything that is drawn is a signal: a change of any of them draws again.
      ended = effect(draw);
    });
    const theme = new MutationObserver(again);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", again);
    let wide = box.current.clientWidth;
    const size = new ResizeObserver(([entry]) => {
      if (Math.abs(entry.contentRect.width - wide) < 2) return;
      wide = entry.contentRect.width;
      again();
    });
    size.observe(box.current);
    return () => {
      current = false;
      ended();
      theme.disconnect();
      size.disconnect();
      dark.removeEventListener("change", again);
      made.current?.destroy();
    };
  }, []);
  const shown = scene([]);
  const nothing = lines.value.length > 0 && !busy.value && lines.value.every((line) => !courses.value.get(line.key)?.count.some(Boolean));
  return html`<section class="card history-chart" ref=${wrap} aria-label=${t("history.chart")}>
    <div class="history-plot" ref=${box} tabindex="0" role="application" aria-roledescription=${t("history.chart")} aria-label=${t("history.chart.help")} onKeyDown=${(event) => key(event, made.current, at, setAt)} onDblClick=${() => show({ zoom: null })} onBlur=${() => setAt(null)}></div>
    ${nothing && html`<p class="history-nothing empty">${t("history.empty")}</p>`}
    ${busy.value > 0 && !shown.lines.some((one) => one.line) && html`<p class="history-nothing empty loading">${t("loading")}</p>`}
    ${at && html`<${Readout} at=${at} wide=${box.current?.clientWidth ?? 0} />`}
    <canvas class="history-share" ref=${bar} role="img" aria-label=${t("history.share")}></canvas>
    <p class="history-note small mute">
      <span>${t(`history.share.${view.value.step}`)}</span>
      ${view.value.compare && html`<span>${t("history.compare.note", { name: t(`history.compare.${view.value.compare}`) })}</span>`}
      ${shown.refused.length > 0 && html`<span class="c2">▲ ${t("history.refused")}</span>`}
      ${view.value.zoom && html`<button class="quiet small" onClick=${() => show({ zoom: null })}>${t("history.zoom.out")} <kbd>0</kbd></button>`}
      ${!view.value.zoom && html`<span class="faint">${t("history.zoom.help")}</span>`}
    </p>
  </section>`;
}

function zoom(from, to) {
  const [low, high] = [Math.max(span.value.from, Math.round(from)), Math.min(span.value.to, Math.round(to))];
  if (high - low >= 10_000) show({ zoom: [low, high] });
}

/** Arrows move the readout, plus and minus zoom, 0 shows the whole period. */
function key(event, chart, at, setAt) {
  if (!chart || event.ctrlKey || event.metaKey || event.altKey) return;
  const { from, to } = span.value;
  const size = to - from;
  const middle = at?.moment ?? (from + to) / 2;
  const move = (by) => {
    const moment = Math.min(to - 1, Math.max(from, (at?.moment ?? from) + by));
    setAt({ moment, left: chart.plot.valToPos(moment / 1000, "x") });
  };
  const step = stepOf() * (event.shiftKey ? 10 : 1);
  const acts = {
    ArrowLeft: () => move(-step), ArrowRight: () => move(step), Home: () => move(-Infinity), End: () => move(Infinity),
    "+": () => zoom(middle - size / 4, middle + size / 4), "=": () => zoom(middle - size / 4, middle + size / 4),
    "-": () => show({ zoom: null }), 0: () => show({ zoom: null }), Escape: () => setAt(null),
  };
  if (!acts[event.key]) return;
  acts[event.key]();
  event.preventDefault();
}

/** From one column to the next. */
function stepOf() {
  const first = lines.value.map((line) => courses.value.get(line.key)).find((one) => one?.at.length > 1);
  return first ? Math.max(1, first.until[0] - first.at[0]) : (span.value.to - span.value.from) / 100;
}

function Readout({ at, wide }) {
  const found = lines.value.map((line) => {
    const course = courses.value.get(line.key);
    const place = course ? placeAt(course, at.moment) : -1;
    return { line, course, place, other: others.value.get(line.key)?.rows.findLast(([time]) => time <= at.moment)?.[1] };
  });
  const first = found.find((one) => one.place >= 0);
  const time = first ? first.course.at[first.place] : at.moment;
  const side = at.left > wide / 2 ? { right: `${wide - at.left + 16 - 58}px` } : { left: `${at.left + 58 + 16}px` };
  return html`<div class="history-readout" style=${side} role="status">
    <b>${windowName(time, view.value.step)}</b>
    ${found.map(({ line, course, place, other }) => {
      const value = place >= 0 ? course.mean[place] : null;
      const words = place >= 0 ? quality(course, place) : "";
      const range = value !== null && course.kind !== "points" ? `${number(course.low[place])}–${number(course.high[place])}` : "";
      return html`<div>
        <i style=${{ background: colourOf(line) }}></i><span>${nameOf(line)}</span>
        <b>${value === null ? t("history.none") : number(value)} ${value !== null && html`<small>${shownUnit(line)}</small>`}</b>
        ${(range || words || other !== undefined) && html`<small class="mute">${[range, words, place >= 0 && course.kind === "windows" ? t("history.share.of", { n: Math.round(course.share[place] * 100) }) : "", other !== undefined && other !== null ? t("history.other", { name: t(`history.compare.${view.value.compare}`), value: number(other) }) : ""].filter(Boolean).join(" · ")}</small>`}
      </div>`;
    })}
  </div>`;
}
