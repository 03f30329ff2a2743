/** What the ground points give: a net of metres over the picture, the way of the water, and how small the smallest thing is that counts. */
import { html } from "../vendor.js";
import { number } from "../format.js";
import { t } from "../words.js";
import { draft } from "./draft.js";
import { Handle } from "./handles.js";
import { unit } from "./pointer.js";

const STEPS = [0.5, 1, 2, 5, 10, 20, 50, 100, 200];
const SAMPLES = 24;

const between = (low, high, step) => Array.from({ length: Math.max(0, Math.floor(high / step) - Math.ceil(low / step) + 1) }, (_, n) => (Math.ceil(low / step) + n) * step);

export function Net({ plane }) {
  const [east, north] = [0, 1].map((axis) => plane.metres.map((one) => one[axis]));
  const spread = Math.max(Math.max(...east) - Math.min(...east), Math.max(...north) - Math.min(...north)) || 1;
  const step = STEPS.find((one) => spread / one <= 8) ?? 500;
  const [west, right] = [Math.min(...east) - spread / 3, Math.max(...east) + spread / 3];
  const [south, top] = [Math.min(...north) - spread / 3, Math.max(...north) + spread / 3];
  const { width, height } = draft.value;
  const inside = (p) => p && p[0] > -width && p[0] < 2 * width && p[1] > -height && p[1] < 2 * height;
  const line = (at) => Array.from({ length: SAMPLES + 1 }, (_, n) => plane.pixel(at(n / SAMPLES))).filter(inside).map((p) => p.map((one) => one.toFixed(1)).join(",")).join(" ");
  const lines = [...between(west, right, step).map((e) => line((share) => [e, south + share * (top - south)])), ...between(south, top, step).map((n) => line((share) => [west + share * (right - west), n]))];
  return html`<g class="net">${lines.map((one) => html`<polyline points=${one} stroke-width=${unit.value} />`)}
    <text x=${width - 8 * unit.value} y=${height - 8 * unit.value} font-size=${12 * unit.value} stroke-width=${3 * unit.value}>${t("cameras.setup.net", { n: step })}</text></g>`;
}

/** The middle of the first water, where it has metres. */
function middle(plane) {
  const zone = draft.value.water[0];
  if (!zone) return null;
  const at = [0, 1].map((axis) => zone.points.reduce((sum, one) => sum + one[axis], 0) / zone.points.length);
  return { at, ground: plane?.ground(at) ?? null };
}

export function Smallest({ plane }) {
  const here = middle(plane);
  if (!here) return null;
  const { min_size_m: size, min_share: share, width, height } = draft.value;
  const beside = here.ground && plane.ground([here.at[0] + 1, here.at[1]]);
  const side = beside ? size / Math.hypot(beside[0] - here.ground[0], beside[1] - here.ground[1]) : plane ? 0 : Math.sqrt(share * width * height);
  if (!(side > 0 && side < width)) return null;
  const [x, y] = [here.at[0] - side / 2, here.at[1] + 18 * unit.value];
  return html`<g class="smallest"><rect class="halo" x=${x} y=${y} width=${side} height=${side} stroke-width=${4 * unit.value} /><rect x=${x} y=${y} width=${side} height=${side} stroke-width=${1.6 * unit.value} />
    <text x=${x + side + 6 * unit.value} y=${y + side} font-size=${12 * unit.value} stroke-width=${3 * unit.value}>${plane ? `≥ ${number(size)} m` : `≥ ${number(share * 100)} %`}</text></g>`;
}

/** The way of the water, taken by its tip. */
export function Arrow({ plane, svg }) {
  const here = middle(plane);
  const { flow, width } = draft.value;
  if (!flow || !here?.ground) return null;
  const angle = (flow.direction_deg * Math.PI) / 180;
  const way = (length) => plane.pixel([here.ground[0] + Math.sin(angle) * length, here.ground[1] + Math.cos(angle) * length]);
  const long = [200, 100, 50, 20, 10, 5, 2, 1, 0.5].map(way).find((p) => p && Math.hypot(p[0] - here.at[0], p[1] - here.at[1]) < width / 3);
  if (!long) return null;
  const [[x1, y1], [x2, y2]] = [here.at, long];
  const turn = Math.atan2(y2 - y1, x2 - x1);
  const barb = (side) => `${x2 - 22 * unit.value * Math.cos(turn + side)} ${y2 - 22 * unit.value * Math.sin(turn + side)}`;
  const path = `M${x1} ${y1}L${x2} ${y2}M${barb(0.45)}L${x2} ${y2}L${barb(-0.45)}`;
  const move = (one, at) => {
    const to = plane.ground(at);
    if (to) one.flow.direction_deg = Math.round(((Math.atan2(to[0] - here.ground[0], to[1] - here.ground[1]) * 180) / Math.PI + 360) % 360);
  };
  return html`<g class="flow"><path class="halo" d=${path} stroke-width=${5 * unit.value} /><path d=${path} stroke-width=${2.4 * unit.value} /></g>
    <${Handle} x=${x2} y=${y2} svg=${svg} label=${t("cameras.setup.flow_tip", { n: number(flow.direction_deg) })} move=${move} />`;
}
