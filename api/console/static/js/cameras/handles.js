/** What can be taken hold of: corners of the chosen zone, the middle of its sides, ground points, the patch. As large as a finger, and moved by the arrow keys too. */
import { html } from "../vendor.js";
import { number } from "../format.js";
import { t } from "../words.js";
import { change, chosen, draft, mark, removeChosen, tool, touch, worth, ZONES } from "./draft.js";
import { mistaken } from "./mistakes.js";
import { pixelOf, unit } from "./pointer.js";

const TOUCH = 22;
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @param {{x: number, y: number, label: string, svg: any, move: (draft: any, at: number[]) => void, choose?: () => void, look?: string, children?: any}} props */
export function Handle({ x, y, label, svg, move, choose, look = "corner", children }) {
  const down = (event) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    choose?.();
    const target = event.currentTarget;
    target.setPointerCapture(event.pointerId);
    let marked = false;
    const moved = (next) => {
      if (!marked) mark();
      marked = true;
      touch((one) => move(one, pixelOf(next, svg.current)));
    };
    const up = () => (target.removeEventListener("pointermove", moved), target.removeEventListener("lostpointercapture", up));
    target.addEventListener("pointermove", moved);
    target.addEventListener("lostpointercapture", up);
  };
  const typed = (event) => {
    const { width, height } = draft.value;
    if (event.key in STEPS) {
      const [dx, dy] = STEPS[event.key].map((step) => step * (event.shiftKey ? 10 : 1));
      change((one) => move(one, [Math.min(width, Math.max(0, x + dx)), Math.min(height, Math.max(0, y + dy))]));
    } else if (event.key === "Delete" || event.key === "Backspace") (choose?.(), removeChosen());
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<g class="handle ${look}" data-handle tabindex="0" role="button" aria-label=${label} onPointerDown=${down} onKeyDown=${typed} onFocus=${choose}>
    <circle class="hit" cx=${x} cy=${y} r=${TOUCH * unit.value} />${children ?? html`<circle class="dot" cx=${x} cy=${y} r=${6 * unit.value} stroke-width=${2 * unit.value} />`}</g>`;
}

function Corners({ kind, index, svg }) {
  const zone = draft.value[kind]?.[index];
  if (!zone) return null;
  const middles = zone.points.map((one, n) => [one, zone.points[(n + 1) % zone.points.length]]).map(([a, b]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
  const insert = (event, n) => {
    event.stopPropagation();
    change((one) => one[kind][index].points.splice(n + 1, 0, middles[n].map((value) => Math.round(value * 10) / 10)));
    chosen.value = { kind, index, corner: n + 1 };
  };
  return html`${middles.map(([x, y], n) => html`<g key=${`m${n}`} class="handle middle" data-handle tabindex="0" role="button" aria-label=${t("cameras.setup.insert", { n: n + 1 })} onPointerDown=${(event) => insert(event, n)} onKeyDown=${(event) => event.key === "Enter" && insert(event, n)}>
      <circle class="hit" cx=${x} cy=${y} r=${(TOUCH - 8) * unit.value} /><circle class="dot" cx=${x} cy=${y} r=${3.5 * unit.value} stroke-width=${1.5 * unit.value} /></g>`)}
    ${zone.points.map(([x, y], n) => html`<${Handle} key=${n} x=${x} y=${y} svg=${svg} look=${chosen.value.corner === n ? "corner own" : "corner"} label=${t("cameras.setup.corner", { n: n + 1, x: number(x), y: number(y) })}
      choose=${() => (chosen.value = { kind, index, corner: n })} move=${(one, at) => (one[kind][index].points[n] = at)} />`)}`;
}

function Point({ point, index, svg }) {
  const own = chosen.value?.kind === "ground" && chosen.value.index === index;
  const miss = worth.value?.calibration.residuals[index]?.share;
  const s = 9 * unit.value;
  return html`<${Handle} x=${point.x} y=${point.y} svg=${svg} look=${`ground ${own ? "own" : ""} ${mistaken("ground", index) ? "bad" : ""}`} label=${t("cameras.setup.point_n", { n: index + 1 })}
    choose=${() => (chosen.value = { kind: "ground", index, corner: -1 })} move=${(one, [x, y]) => Object.assign(one.ground[index], { x, y })}>
    <path class="halo" d=${`M${point.x - s} ${point.y}h${2 * s}M${point.x} ${point.y - s}v${2 * s}`} stroke-width=${5 * unit.value} /><path class="sign" d=${`M${point.x - s} ${point.y}h${2 * s}M${point.x} ${point.y - s}v${2 * s}`} stroke-width=${2 * unit.value} />
    <text class=${point.x > 0.85 * draft.value.width ? "end" : ""} x=${point.x + (point.x > 0.85 * draft.value.width ? -s : s)} y=${point.y - s * 0.6} font-size=${13 * unit.value} stroke-width=${3 * unit.value}>${index + 1}${miss == null ? "" : ` · ${number(Math.round(miss * 1000) / 10)} %`}</text><//>`;
}

function Patch({ svg }) {
  const { x, y, w, h } = draft.value.reference_patch;
  const choose = () => (chosen.value = { kind: "reference_patch", index: 0, corner: -1 });
  const { width, height } = draft.value;
  const move = (one, at) => Object.assign(one.reference_patch, { x: Math.round(Math.min(width - w, Math.max(0, at[0]))), y: Math.round(Math.min(height - h, Math.max(0, at[1]))) });
  const size = (one, at) => Object.assign(one.reference_patch, { w: Math.max(4, Math.round(at[0]) - x), h: Math.max(4, Math.round(at[1]) - y) });
  return html`<g class="patch"><rect class="halo" x=${x} y=${y} width=${w} height=${h} stroke-width=${4 * unit.value} /><rect x=${x} y=${y} width=${w} height=${h} stroke-width=${2 * unit.value} /></g>
    <${Handle} x=${x} y=${y} svg=${svg} label=${t("cameras.setup.patch_move")} choose=${choose} move=${move} /><${Handle} x=${x + w} y=${y + h} svg=${svg} label=${t("cameras.setup.patch_size")} choose=${choose} move=${size} />`;
}

/** @param {{svg: any}} props */
export function Handles({ svg }) {
  const one = chosen.value;
  return html`${ZONES.includes(one?.kind) && !tool.value && html`<${Corners} ...${one} svg=${svg} />`}
    ${draft.value.ground.map((point, index) => html`<${Point} key=${index} point=${point} index=${index} svg=${svg} />`)}
    ${draft.value.reference_patch && html`<${Patch} svg=${svg} />`}`;
}
