/** Symbols as the drawings have them: shape, colour and a word or numeral, never colour alone. */
import { LEVELS, NUMERALS, RING } from "../shapes.js";
import { has, t } from "../words.js";
import { colour, FONT } from "./colours.js";

const SIZE = 28;
const ARROW = "M14 2L23 25 14 20 5 25z";
const LIMIT = 600;

/** @type {Map<string, HTMLCanvasElement>} */
let drawn = new Map();

/** Forget what was drawn in another theme. */
export const forget = () => (drawn = new Map());

/** A symbol of 28 pixels. @param {{kind: string, state: string, level: number, heading: number | null, picked: boolean}} look */
export function symbol(look) {
  const turn = look.kind === "vehicle" && look.heading !== null ? Math.round(look.heading / 10) * 10 : null;
  const key = `${look.kind} ${look.state} ${look.level} ${turn} ${look.picked}`;
  if (!drawn.has(key)) {
    if (drawn.size > LIMIT) forget();
    drawn.set(key, sketch(SIZE, (pen) => paint(pen, look, turn)));
  }
  return drawn.get(key);
}

/** A group of several with its count; a broken edge where not all of them are heard. @param {number} count @param {boolean} well */
export function group(count, well) {
  const key = `group ${count} ${well}`;
  if (!drawn.has(key)) {
    const size = count > 99 ? 40 : 32;
    const made = sketch(size, (pen) => {
      pen.beginPath();
      pen.arc(size / 2, size / 2, size / 2 - 2, 0, 7);
      pen.fillStyle = colour("surface");
      pen.fill();
      pen.lineWidth = 2;
      pen.strokeStyle = colour(well ? "mute" : "l2");
      if (!well) pen.setLineDash([4, 3]);
      pen.stroke();
      write(pen, String(count), size / 2, size / 2 + 4, colour("ink"), 12);
    });
    drawn.set(key, made);
  }
  return drawn.get(key);
}

/** A stop on a track. */
export function stopSign() {
  if (!drawn.has("stop")) {
    const made = sketch(20, (pen) => {
      pen.fillStyle = colour("surface");
      pen.strokeStyle = colour("accent");
      pen.lineWidth = 2;
      pen.beginPath();
      pen.rect(3, 3, 14, 14);
      pen.fill();
      pen.stroke();
      pen.fillStyle = colour("accent");
      pen.fillRect(7, 6, 2.5, 8);
      pen.fillRect(11, 6, 2.5, 8);
    });
    drawn.set("stop", made);
  }
  return drawn.get("stop");
}

/** A drawn symbol as the map's image. */
export const icon = (ol, canvas) => new ol.Icon({ img: canvas, width: Number(canvas.dataset.size), height: Number(canvas.dataset.size), declutterMode: "none" });

function sketch(size, paintIt) {
  const canvas = document.createElement("canvas");
  const ratio = Math.max(1, Math.ceil(devicePixelRatio));
  canvas.width = canvas.height = size * ratio;
  canvas.dataset.size = String(size);
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  paintIt(pen);
  return canvas;
}

function paint(pen, look, turn) {
  const middle = SIZE / 2;
  if (look.picked) {
    pen.beginPath();
    pen.arc(middle, middle, middle - 1, 0, 7);
    pen.strokeStyle = colour("accent");
    pen.lineWidth = 2;
    pen.stroke();
  }
  if (look.level) {
    if (turn !== null) nose(pen, turn);
    level(pen, look.level);
  } else if (turn !== null) {
    arrow(pen, look.state, turn);
  } else {
    ring(pen, look);
  }
}

function level(pen, grade) {
  pen.save();
  pen.translate(4, 4);
  const path = new Path2D(LEVELS[grade]);
  pen.lineWidth = 3;
  pen.strokeStyle = colour("surface");
  pen.stroke(path);
  pen.fillStyle = colour(grade === 3 ? "l3-fill" : `l${grade}`);
  pen.fill(path);
  write(pen, NUMERALS[grade], 10, grade === 2 ? 16 : 13.5, colour(grade === 3 ? "numeral-3" : "numeral"), 10);
  pen.restore();
}

/** Which way a vehicle that rings is going. */
function nose(pen, turn) {
  const middle = SIZE / 2;
  pen.save();
  pen.translate(middle, middle);
  pen.rotate((turn * Math.PI) / 180);
  pen.fillStyle = colour("ink");
  pen.fill(new Path2D("M0-14L5-7H-5z"));
  pen.restore();
}

function arrow(pen, state, turn) {
  const middle = SIZE / 2;
  pen.save();
  pen.translate(middle, middle);
  pen.rotate((turn * Math.PI) / 180);
  pen.scale(0.8, 0.8);
  pen.translate(-middle, -middle);
  const path = new Path2D(ARROW);
  pen.lineJoin = "round";
  pen.lineWidth = 5;
  pen.strokeStyle = colour("surface");
  pen.stroke(path);
  pen.lineWidth = 2.4;
  pen.fillStyle = state === "online" ? colour("accent") : colour("surface");
  pen.strokeStyle = edge(state, "accent");
  if (state === "silent") pen.setLineDash([4, 3]);
  pen.fill(path);
  pen.stroke(path);
  pen.restore();
  if (state === "offline" || state === "never") slash(pen);
}

function ring(pen, look) {
  pen.save();
  pen.translate(4, 4);
  const path = new Path2D(RING);
  pen.fillStyle = colour("surface");
  pen.fill(path);
  pen.lineWidth = 5;
  pen.strokeStyle = colour("surface");
  pen.stroke(path);
  pen.lineWidth = look.state === "online" ? 2.6 : 2;
  pen.strokeStyle = edge(look.state, "ok");
  if (look.state === "silent") pen.setLineDash([3, 2]);
  pen.stroke(path);
  pen.restore();
  const word = `map.sign.${look.kind}`;
  if (has(word)) write(pen, t(word), SIZE / 2, SIZE / 2 + 3, colour("ink"), 8.5);
  if (look.state === "offline" || look.state === "never") slash(pen);
}

const edge = (state, well) => colour({ online: well, silent: "l2" }[state] ?? "faint");

function slash(pen) {
  pen.beginPath();
  pen.moveTo(6, 22);
  pen.lineTo(22, 6);
  pen.lineWidth = 2;
  pen.strokeStyle = colour("faint");
  pen.stroke();
}

function write(pen, text, x, y, ink, size) {
  pen.font = `700 ${size}px ${FONT}`;
  pen.textAlign = "center";
  pen.fillStyle = ink;
  pen.fillText(text, x, y);
}
