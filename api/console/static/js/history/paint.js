/** What uPlot does not draw itself: lines with the least and the greatest value of each column, flags, limits, the peak. */
import { number } from "../format.js";
import { t } from "../words.js";
import { moment } from "./axis.js";

const SERIES = 8;

/** The page's colours as the theme has them. */
export function colours() {
  const style = getComputedStyle(document.documentElement);
  const get = (name) => style.getPropertyValue(name).trim();
  return {
    lines: Array.from({ length: SERIES }, (_, place) => get(`--series-${place + 1}`)),
    line: get("--line"), faint: get("--faint"), mute: get("--mute"), ink: get("--ink"), limit: get("--l1"), refused: get("--l2"),
    flagged: get("--flagged"), hatch: get("--flagged-hatch"), surface: get("--surface"), ok: get("--share"), part: get("--share-part"), none: get("--share-none"),
  };
}

const font = (pixels, weight = 400) => `${weight} ${pixels * devicePixelRatio}px "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif`;

/** Draw within the plot only. */
function inside(u, call) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  call(ctx, bbox);
  ctx.restore();
}

/** One line: each column from its least to its greatest value, nothing across a gap. */
export function course(u, line, scale, colour, { wide = true, band = false, hollow = false } = {}) {
  const x = (at) => u.valToPos(at / 1000, "x", true);
  const y = (value) => u.valToPos(value, scale, true);
  inside(u, (ctx) => {
    if (band) shade(ctx, line, x, y, colour);
    const path = new Path2D();
    const alone = [];
    let before = -1;
    line.at.forEach((at, place) => {
      if (line.mean[place] === null) return;
      const middle = x(line.kind === "points" ? at : (at + line.until[place]) / 2);
      const joined = before >= 0 && at - (line.kind === "points" ? line.at[before] : line.until[before]) <= line.gap;
      path[joined ? "lineTo" : "moveTo"](middle, y(line.first[place]));
      if (line.kind === "pixels") for (const value of [line.low[place], line.high[place], line.last[place]]) path.lineTo(middle, y(value));
      const next = line.at[place + 1];
      if (!joined && (next === undefined || line.mean[place + 1] === null || next - line.until[place] > line.gap)) alone.push([middle, y(line.last[place])]);
      before = place;
    });
    ctx.strokeStyle = ctx.fillStyle = colour;
    ctx.lineWidth = (wide ? 1.7 : 1.1) * devicePixelRatio;
    ctx.lineJoin = "round";
    ctx.stroke(path);
    for (const [left, top] of alone) dot(ctx, left, top, true);
    if (hollow) line.raw.forEach((value, place) => line.mean[place] === null && value !== null && dot(ctx, x(line.at[place]), y(value), false));
  });
}

function dot(ctx, left, top, full) {
  ctx.beginPath();
  ctx.arc(left, top, 2.2 * devicePixelRatio, 0, 2 * Math.PI);
  ctx[full ? "fill" : "stroke"]();
}

/** From the least to the greatest value of each window, behind its mean. */
function shade(ctx, line, x, y, colour) {
  ctx.fillStyle = colour;
  ctx.globalAlpha = 0.13;
  line.at.forEach((at, place) => {
    if (line.low[place] === null) return;
    const left = Math.round(x(at));
    const top = y(line.high[place]);
    ctx.fillRect(left, top, Math.max(1, Math.round(x(line.until[place])) - left), Math.max(1, y(line.low[place]) - top));
  });
  ctx.globalAlpha = 1;
}

/** The other period, lighter and thinner. */
export function beside(u, rows, scale, colour, gap) {
  inside(u, (ctx) => {
    const path = new Path2D();
    let before = null;
    for (const [at, value] of rows) {
      if (value !== null) path[before !== null && at - before <= gap ? "lineTo" : "moveTo"](u.valToPos((at + gap / 2.4) / 1000, "x", true), u.valToPos(value, scale, true));
      if (value !== null) before = at;
    }
    ctx.strokeStyle = colour;
    ctx.globalAlpha = 0.42;
    ctx.lineWidth = 1.2 * devicePixelRatio;
    ctx.stroke(path);
  });
}

/** Stretches that do not count, hatched, with letter and word; a bar in the line's colour says whose they are. */
export function stretches(u, all, palette) {
  const { ctx, bbox } = u;
  const ends = [];
  const drawn = all.map((one) => {
    const left = Math.max(bbox.left, u.valToPos(one.from / 1000, "x", true));
    const right = Math.min(bbox.left + bbox.width, Math.max(left + devicePixelRatio, u.valToPos(one.to / 1000, "x", true)));
    return { ...one, left, size: right - left };
  }).filter((one) => one.size > 0).sort((a, b) => a.left - b.left);
  inside(u, () => {
    for (const { left, size, colour } of drawn) {
      ctx.fillStyle = palette.flagged;
      ctx.fillRect(left, bbox.top, size, bbox.height);
      hatch(ctx, left, bbox.top, size, bbox.height, palette.hatch);
      ctx.fillStyle = colour;
      ctx.fillRect(left, bbox.top, size, 3 * devicePixelRatio);
    }
  });
  ctx.save();
  ctx.font = font(11);
  ctx.fillStyle = palette.mute;
  ctx.textAlign = "center";
  ctx.textBaseline = "alphabetic";
  for (const { left, size, letter } of drawn) {
    const text = `${t(`history.flag.${letter}`)} ${letter}`;
    const half = ctx.measureText(text).width / 2;
    const middle = Math.min(bbox.left + bbox.width - half, Math.max(bbox.left + half, left + size / 2));
    const row = ends.findIndex((end) => end < middle - half - 4) >= 0 ? ends.findIndex((end) => end < middle - half - 4) : ends.length;
    if (row > 1) continue;
    ends[row] = middle + half;
    ctx.fillText(text, middle, bbox.top - (6 + 14 * row) * devicePixelRatio);
  }
  ctx.restore();
}

function hatch(ctx, left, top, wide, high, colour) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, wide, high);
  ctx.clip();
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (let at = left - high; at < left + wide; at += 7 * devicePixelRatio) {
    ctx.moveTo(at, top + high);
    ctx.lineTo(at + high, top);
  }
  ctx.stroke();
  ctx.restore();
}

/** A limit: dashed for as long as it holds, its name at the right. */
export function limit(u, one, scale, text, colour, taken) {
  const { ctx, bbox } = u;
  inside(u, () => {
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1.4 * devicePixelRatio;
    ctx.setLineDash([6 * devicePixelRatio, 5 * devicePixelRatio]);
    for (const span of one.spans) {
      for (const value of [span.below, span.above]) {
        if (value === null) continue;
        const [left, right, top] = [u.valToPos(Date.parse(span.from) / 1000, "x", true), u.valToPos(Date.parse(span.to) / 1000, "x", true), u.valToPos(value, scale, true)];
        ctx.beginPath();
        ctx.moveTo(left, top);
        ctx.lineTo(right, top);
        ctx.stroke();
      }
    }
  });
  const last = one.spans.at(-1);
  for (const value of [last?.below, last?.above]) if (value !== null && value !== undefined) name(u, text, u.valToPos(value, scale, true), colour, taken, bbox);
}

function name(u, text, top, colour, taken, bbox) {
  const { ctx } = u;
  const high = 15 * devicePixelRatio;
  if (top < bbox.top || top > bbox.top + bbox.height || taken.some((one) => Math.abs(one - top) < high)) return;
  taken.push(top);
  ctx.save();
  ctx.font = font(11);
  ctx.textAlign = "right";
  ctx.textBaseline = "alphabetic";
  ctx.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue("--surface");
  ctx.lineWidth = 3 * devicePixelRatio;
  ctx.fillStyle = colour;
  const right = bbox.left + bbox.width - 4 * devicePixelRatio;
  ctx.strokeText(text, right, top - 6 * devicePixelRatio);
  ctx.fillText(text, right, top - 6 * devicePixelRatio);
  ctx.restore();
}

/** The highest value of all lines, with its time. */
export function peak(u, found, scale, length, palette) {
  const { ctx, bbox } = u;
  const text = `${number(found.value)} · ${moment(found.at, length)}`;
  const top = u.valToPos(found.value, scale, true);
  ctx.save();
  ctx.font = font(12, 600);
  ctx.textAlign = "center";
  ctx.textBaseline = "alphabetic";
  const half = ctx.measureText(text).width / 2;
  const middle = u.valToPos(found.at / 1000, "x", true);
  const left = Math.min(bbox.left + bbox.width - half, Math.max(bbox.left + half, middle));
  ctx.strokeStyle = palette.surface;
  ctx.lineWidth = 4 * devicePixelRatio;
  ctx.fillStyle = palette.ink;
  ctx.strokeText(text, left, top - 10 * devicePixelRatio);
  ctx.fillText(text, left, top - 10 * devicePixelRatio);
  ctx.fillStyle = found.colour;
  dot(ctx, middle, top, true);
  ctx.restore();
}

/** Values that a check refused: small triangles on the axis. */
export function refused(u, times, colour) {
  const { ctx, bbox } = u;
  const foot = bbox.top + bbox.height;
  const half = 4 * devicePixelRatio;
  inside(u, () => {
    ctx.fillStyle = colour;
    for (const at of times) {
      const middle = u.valToPos(at / 1000, "x", true);
      ctx.beginPath();
      ctx.moveTo(middle - half, foot);
      ctx.lineTo(middle + half, foot);
      ctx.lineTo(middle, foot - 1.8 * half);
      ctx.fill();
    }
  });
}

/** How complete each window is: a row of cells a line, hatched grey where no value is valid. */
export function share(canvas, all, u, palette) {
  const ratio = devicePixelRatio;
  const row = (all.length > 1 ? 9 : 13) * ratio;
  canvas.width = u.width * ratio;
  canvas.height = all.length * row;
  canvas.style.height = `${canvas.height / ratio}px`;
  const ctx = canvas.getContext("2d");
  const { left, width } = u.bbox;
  all.forEach(({ line, colour }, place) => {
    const top = place * row;
    const high = row - 2 * ratio;
    ctx.fillStyle = palette.none;
    ctx.fillRect(left, top, width, high);
    hatch(ctx, left, top, width, high, palette.hatch);
    line?.at.forEach((at, index) => {
      const from = Math.max(left, u.valToPos(at / 1000, "x", true));
      const to = Math.min(left + width, u.valToPos(line.until[index] / 1000, "x", true));
      if (!line.count[index] || to < from) return;
      const apart = to - from > 2.2 * ratio ? 0.8 * ratio : 0;
      ctx.fillStyle = line.share[index] < 0.75 ? palette.part : palette.ok;
      ctx.clearRect(from, top, Math.max(ratio, to - from), high);
      ctx.fillRect(from, top, Math.max(ratio, to - from - apart), high);
    });
    ctx.fillStyle = colour;
    if (all.length > 1) ctx.fillRect(left - 10 * ratio, top, 6 * ratio, high);
  });
}
