/** The picture with what is drawn on it: zones, ground points with their residuals, horizon, a net of metres, flow, patch. Works by mouse, finger and keyboard. */
import { html, signal, useEffect, useMemo, useRef } from "../vendor.js";
import { number } from "../format.js";
import { t } from "../words.js";
import { change, chosen, closeZone, corners, draft, removeChosen, tool, worth, ZONES } from "./draft.js";
import { Handles } from "./handles.js";
import { Arrow, Net, Smallest } from "./marks.js";
import { mistaken } from "./mistakes.js";
import { planeOf } from "./plane.js";
import { boxes, clamp, pixelOf, unit } from "./pointer.js";

/** Where the keyboard's cross is, in pixels of the picture; null while the mouse is used. */
const cross = signal(null);
/** What a click does, by the tool in hand. @param {number[]} at */
function place(at) {
  const kind = tool.value;
  if (ZONES.includes(kind)) {
    const [first] = corners.value;
    const closes = first && corners.value.length >= 3 && Math.hypot(first[0] - at[0], first[1] - at[1]) < 16 * unit.value;
    if (closes) closeZone();
    else corners.value = [...corners.value, at];
  } else if (kind === "ground") {
    change((next) => next.ground.push({ x: at[0], y: at[1] }));
    chosen.value = { kind, index: draft.value.ground.length - 1, corner: -1 };
  } else if (kind === "patch") {
    const side = Math.round(Math.min(draft.value.width, draft.value.height) / 16);
    change((next) => (next.reference_patch = { x: Math.min(Math.round(at[0]), next.width - side), y: Math.min(Math.round(at[1]), next.height - side), w: side, h: side }));
    [chosen.value, tool.value] = [{ kind: "reference_patch", index: 0, corner: -1 }, ""];
  }
}

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function typed(event) {
  const { width, height } = draft.value;
  if (event.key in MOVES && tool.value) {
    const [dx, dy] = MOVES[event.key].map((step) => step * (event.shiftKey ? 1 : 10));
    const [x, y] = cross.value ?? [width / 2, height / 2];
    cross.value = [clamp(x + dx, width), clamp(y + dy, height)];
  } else if (event.key === " " && tool.value) place(cross.value ?? (cross.value = [width / 2, height / 2]));
  else if (event.key === "Enter" && corners.value.length >= 3) closeZone();
  else if (event.key === "Backspace" && corners.value.length) corners.value = corners.value.slice(0, -1);
  else if (event.key === "Delete" && chosen.value) removeChosen();
  else if (event.key === "Escape") [tool.value, corners.value, cross.value, chosen.value] = ["", [], null, null];
  else return;
  event.preventDefault();
}

const points = (list) => list.map((one) => one.join(",")).join(" ");

function Zone({ kind, zone, index }) {
  const own = chosen.value?.kind === kind && chosen.value.index === index;
  const [x, y] = zone.points.reduce((sum, one) => [sum[0] + one[0] / zone.points.length, sum[1] + one[1] / zone.points.length], [0, 0]);
  const choose = () => !tool.value && (chosen.value = { kind, index, corner: -1 });
  return html`<g class="zone z-${kind} ${own ? "own" : ""} ${mistaken(kind, index) ? "bad" : ""}" onClick=${choose}>
    <polygon class="halo" points=${points(zone.points)} stroke-width=${4 * unit.value} /><polygon points=${points(zone.points)} stroke-width=${2 * unit.value} />
    <text x=${x} y=${y} font-size=${13 * unit.value} stroke-width=${3 * unit.value}>${zone.name}</text></g>`;
}

function Horizon() {
  const line = worth.value?.calibration.horizon;
  if (!line) return null;
  const [[x1, y1], [x2, y2]] = line;
  const middle = (y1 + y2) / 2;
  return html`<g class="horizon"><line class="halo" x1=${x1} y1=${y1} x2=${x2} y2=${y2} stroke-width=${4 * unit.value} /><line x1=${x1} y1=${y1} x2=${x2} y2=${y2} stroke-width=${1.6 * unit.value} stroke-dasharray=${`${10 * unit.value} ${6 * unit.value}`} />
    ${middle > 14 * unit.value && html`<text x=${8 * unit.value} y=${y1 - 6 * unit.value} font-size=${12 * unit.value} stroke-width=${3 * unit.value}>${t("cameras.setup.horizon")}</text>`}</g>`;
}

function Pending() {
  const list = corners.value;
  const cursor = cross.value;
  return html`${list.length > 0 && html`<g class="pending"><polyline class="halo" points=${points(list)} stroke-width=${4 * unit.value} /><polyline points=${points(list)} stroke-width=${2 * unit.value} />
      ${list.map(([x, y], n) => html`<circle cx=${x} cy=${y} r=${(n === 0 ? 8 : 4) * unit.value} stroke-width=${2 * unit.value} />`)}</g>`}
    ${cursor && tool.value && html`<path class="cross" d=${`M${cursor[0] - 14 * unit.value} ${cursor[1]}h${28 * unit.value}M${cursor[0]} ${cursor[1] - 14 * unit.value}v${28 * unit.value}`} stroke-width=${2 * unit.value} />`}`;
}

function Boxes() {
  return boxes.value.map((one) => html`<rect class="would" x=${one.x} y=${one.y} width=${one.w} height=${one.h} stroke-width=${1.5 * unit.value}><title>${number(one.score)}</title></rect>`);
}

/** @param {{image: string}} props */
export function Canvas({ image }) {
  const svg = useRef(null);
  const { width, height, ground } = draft.value;
  const plane = useMemo(() => planeOf(ground), [JSON.stringify(ground)]);
  useEffect(() => {
    const watcher = new ResizeObserver(() => (unit.value = width / (svg.current?.clientWidth || width)));
    watcher.observe(svg.current);
    return () => watcher.disconnect();
  }, [width]);
  const down = (event) => {
    if (!tool.value || event.button !== 0 || event.target.closest("[data-handle]")) return;
    cross.value = null;
    place(pixelOf(event, svg.current));
  };
  return html`<svg ref=${svg} class="canvas ${tool.value ? "drawing" : ""}" data-drawing viewBox="0 0 ${width} ${height}" tabindex="0" role="application" aria-label=${t("cameras.setup.canvas")} aria-describedby="canvas-help" onPointerDown=${down} onKeyDown=${typed}>
    <defs><pattern id="zone-out" width=${8 * unit.value} height=${8 * unit.value} patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width=${3 * unit.value} height=${8 * unit.value} class="zone-out-line" /></pattern></defs>
    ${image ? html`<image href=${image} width=${width} height=${height} preserveAspectRatio="none" />` : html`<rect class="blank" width=${width} height=${height} />`}
    ${plane && html`<${Net} plane=${plane} />`}
    ${ZONES.map((kind) => draft.value[kind]?.map((zone, index) => html`<${Zone} key=${kind + index} kind=${kind} zone=${zone} index=${index} />`))}
    <${Horizon} /><${Boxes} />
    <${Smallest} plane=${plane} /><${Arrow} plane=${plane} svg=${svg} />
    <${Handles} svg=${svg} /><${Pending} />
  </svg>`;
}

