/** The chart: uPlot for axes, cursor and zoom; lines and all that stands around them are painted on it. */
import { number } from "../format.js";
import * as paint from "./paint.js";
import { room, splits, ticks } from "./axis.js";

const HEIGHT = 392;

/**
 * What is drawn. `lines` hold `line`, `colour`, `scale` (y, or y2 for a second unit), `rows` of the other period.
 * @typedef {{lines: any[], limits: any[], stretches: any[], refused: number[], span: {from: number, to: number}, peak: any, hollow: boolean, unit: Record<string, string>}} Scene
 */

/** Make the chart; `update` draws another scene. */
export function plot(uPlot, box, first, { onZoom, onMove }) {
  let scene = first;
  let u = null;
  const extent = (scale) => {
    let [low, high] = [Infinity, -Infinity];
    const take = (value) => {
      if (value !== null && value < low) low = value;
      if (value !== null && value > high) high = value;
    };
    for (const one of scene.lines.filter((candidate) => candidate.scale === scale && candidate.line)) {
      const wide = one.line.kind !== "windows" || one.band;
      (wide ? one.line.low : one.line.mean).forEach(take);
      (wide ? one.line.high : one.line.mean).forEach(take);
      if (scene.hollow) one.line.raw.forEach(take);
      one.rows?.forEach(([, value]) => take(value));
    }
    // A limit is drawn where it does not press the lines flat.
    const top = high;
    const bottom = low;
    const bounds = scene.limits.filter((one) => one.scale === scale).flatMap((one) => one.limit.spans.flatMap((span) => [span.below, span.above]));
    for (const value of bounds) if (value !== null && value <= top + 1.2 * (top - Math.min(0, bottom)) && value >= bottom - 2 * (top - bottom)) take(value);
    return room(low, high);
  };
  const palette = () => paint.colours();
  const draw = () => {
    const all = palette();
    const taken = [];
    for (const one of scene.lines) if (one.rows) paint.beside(u, one.rows, one.scale, one.colour, one.gap);
    for (const one of scene.lines) if (one.line) paint.course(u, one.line, one.scale, one.colour, { wide: scene.lines.length < 5, band: one.band, hollow: scene.hollow });
    for (const one of scene.limits) paint.limit(u, one.limit, one.scale, one.text, all.limit, taken);
    paint.refused(u, scene.refused, all.refused);
    if (scene.peak) paint.peak(u, scene.peak, scene.peak.scale, scene.span.to - scene.span.from, all);
  };
  const make = () => {
    u?.destroy();
    const all = palette();
    const axis = { stroke: all.mute, font: "12px system-ui, sans-serif", grid: { stroke: all.line, width: 1 }, ticks: { show: false } };
    const values = (_, splits) => splits.map((one) => number(one));
    const second = "y2" in scene.unit;
    const options = {
      width: box.clientWidth,
      height: HEIGHT,
      padding: [40, second ? 0 : 18, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: true, y: false, setScale: false }, y: false, points: { show: false } },
      scales: { x: { time: true, range: () => [scene.span.from / 1000, scene.span.to / 1000] }, y: { range: () => extent("y") }, ...(second && { y2: { range: () => extent("y2") } }) },
      axes: [
        { ...axis, size: 34, splits, values: ticks, grid: { show: false } },
        { ...axis, size: 58, values, space: 56 },
        ...(second ? [{ ...axis, scale: "y2", side: 1, size: 52, values, grid: { show: false } }] : []),
      ],
      series: [{}, { show: true, stroke: "transparent" }, ...(second ? [{ scale: "y2", stroke: "transparent" }] : [])],
      hooks: {
        drawAxes: [() => paint.stretches(u, scene.stretches, all)],
        draw: [draw],
        setCursor: [() => onMove(u.cursor.left >= 0 ? u.posToVal(u.cursor.left, "x") * 1000 : null, u.cursor.left)],
        setSelect: [
          () => {
            if (u.select.width > 4) onZoom(u.posToVal(u.select.left, "x") * 1000, u.posToVal(u.select.left + u.select.width, "x") * 1000);
            u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          },
        ],
      },
    };
    u = null;
    const ends = [scene.span.from / 1000, scene.span.to / 1000];
    const made = new uPlot(options, [ends, ...options.series.slice(1).map(() => [null, null])], (self, start) => {
      u = self;
      box.append(self.root);
      start();
    });
    u = made;
  };
  make();
  return {
    get plot() {
      return u;
    },
    palette,
    update(next) {
      const same = Object.keys(next.unit).length === Object.keys(scene.unit).length;
      scene = next;
      if (!same) return make();
      const ends = [scene.span.from / 1000, scene.span.to / 1000];
      return u.setData([ends, ...u.series.slice(1).map(() => [null, null])]);
    },
    /** After the theme or the width has changed. */
    remake: make,
    destroy: () => u.destroy(),
  };
}
