/** The evidence card: is it real? How it is, how it was before, the thing large, where it went; then the officer's word on it. */
import { html, useEffect, useState } from "../vendor.js";
import { full, number, when } from "../format.js";
import { Level } from "../shapes.js";
import { t } from "../words.js";
import { judge } from "./judge.js";
import { answers } from "./keys.js";
import { aboutOf, causeWord, labelWord, typeWord } from "./said.js";
import { may, touch } from "./state.js";

const src = (piece) => `/v1/evidence/${piece.sha256}`;

/** The newest piece of a kind in the first of the roles that has one. */
function piece(event, kind, ...roles) {
  for (const role of roles) {
    const found = event.evidence.filter((one) => one.kind === kind && one.role === role).at(-1);
    if (found) return found;
  }
  return undefined;
}

/** Where the thing went, in pixels of the picture: "x,y x,y". */
const pathOf = (event) => (typeof event.values.path === "string" ? event.values.path.split(" ").map((pair) => pair.split(",").map(Number)) : []);

/** The path, and the box unless the overlay has it. */
function Traces({ event, size, boxed }) {
  const path = pathOf(event);
  const { box_x: x, box_y: y, box_w: w, box_h: h } = event.values;
  const thick = size[0] / 320;
  return html`<svg class="traces" viewBox="0 0 ${size[0]} ${size[1]}" preserveAspectRatio="none" role="img" aria-label=${t("cameras.path")}>
    ${path.length > 1 && html`<polyline class="halo" stroke-width=${3 * thick} points=${path.join(" ")} /><polyline class="went" stroke-width=${1.4 * thick} points=${path.join(" ")} /><circle class="from" cx=${path[0][0]} cy=${path[0][1]} r=${2.5 * thick} stroke-width=${thick} />`}
    ${!boxed && w > 0 && html`<rect class="halo" x=${x} y=${y} width=${w} height=${h} stroke-width=${3 * thick} /><rect class="thing" x=${x} y=${y} width=${w} height=${h} stroke-width=${1.4 * thick} />`}
  </svg>`;
}

function Shot({ one, words, children, onSize }) {
  const [gone, lost] = useState(false);
  return html`<figure class="shot"><div class="picture">${gone ? html`<div class="nothing">${t("cameras.evidence_gone")}</div>` : html`<img src=${src(one)} alt=${`${words}, ${one.captured ? full(one.captured) : ""}`} decoding="async" onError=${() => lost(true)} onLoad=${(event) => onSize?.([event.target.naturalWidth, event.target.naturalHeight])} />`}${!gone && children}</div>
    <figcaption><b>${words}</b> ${one.captured && html`<time>${when(one.captured)}</time>`}</figcaption></figure>`;
}

function Pictures({ event }) {
  const [drawn, draw] = useState(true);
  const [size, sized] = useState(null);
  const now = piece(event, "frame", "best", "now", "last", "first");
  const overlay = piece(event, "overlay", "best", "last", "first", "now");
  const before = [piece(event, "frame", "before"), piece(event, "frame", "first")].find((one) => one && one.sha256 !== now?.sha256);
  const last = piece(event, "frame", "last");
  const crop = piece(event, "crop", "best", "last", "first");
  const strip = piece(event, "thumbnail", "before", "first", "best", "now", "") ?? event.evidence.find((one) => one.kind === "thumbnail");
  useEffect(() => {
    answers.set("o", () => draw((on) => !on));
    return () => answers.delete("o");
  }, []);
  if (!event.evidence.length) return html`<p class="empty">${t("cameras.no_evidence")}</p>`;
  const main = drawn && overlay ? overlay : (now ?? overlay);
  return html`<div class="shots">
    ${main && html`<div class="main"><${Shot} key=${main.sha256} one=${main} words=${t(event.closed ? "cameras.shot.best" : "cameras.shot.now")} onSize=${sized}>${drawn && size && html`<${Traces} event=${event} size=${size} boxed=${main === overlay} />`}<//>
      <button type="button" aria-pressed=${drawn} onClick=${() => draw(!drawn)}>${t("cameras.overlay")} <kbd>O</kbd></button></div>`}
    ${before && html`<${Shot} key=${before.sha256} one=${before} words=${t(before.role === "before" ? "cameras.shot.before" : "cameras.shot.first")} />`}
    ${crop && html`<${Shot} key=${crop.sha256} one=${crop} words=${t("cameras.shot.crop")} />`}
    ${last && last.sha256 !== now?.sha256 && html`<${Shot} key=${last.sha256} one=${last} words=${t("cameras.shot.last")} />`}
    ${strip && html`<div class="wide"><${Shot} key=${strip.sha256} one=${strip} words=${t("cameras.shot.strip")} /></div>`}
  </div>`;
}

function Facts({ event }) {
  const { score, size_m: size, area_m2: area, percent, label, zone, lon, lat, speed_m_s: speed, cause, uncalibrated, model } = event.values;
  const rows = [
    ["opened", full(event.opened)],
    ["lasted", event.closed ? full(event.closed) : t("cameras.going")],
    size != null && ["size", `${number(size)} m`],
    area != null && ["area", `${number(area)} m²`],
    percent != null && ["percent", `${number(percent)} %`],
    score != null && ["score", number(score)],
    label && ["label", labelWord(label)],
    zone && ["zone", zone],
    speed != null && ["speed", `${number(speed)} m/s`],
    lon != null && ["place", `${Number(lon).toFixed(5)}, ${Number(lat).toFixed(5)}`],
    cause && ["cause", causeWord(cause)],
    model && ["model", String(model).slice(0, 16)],
  ].filter(Boolean);
  return html`<dl class="facts-list">${rows.map(([name, text]) => html`<dt>${t(`cameras.fact.${name}`)}</dt><dd>${text}</dd>`)}</dl>
    ${uncalibrated && html`<p class="small note">${t("cameras.uncalibrated_note")}</p>`}
    ${event.evidence.length > 0 && html`<p class="small mute">${t("cameras.chain", { n: event.evidence.length, hash: event.evidence.at(-1).sha256.slice(0, 8) })}</p>`}`;
}

function Verdict({ event }) {
  const say = async (verdict) => (await judge(event, verdict)) && touch(event.station);
  useEffect(() => {
    if (!may("officer")) return undefined;
    answers.set("a", () => say("confirm"));
    answers.set("f", () => say("reject"));
    return () => ["a", "f"].forEach((key) => answers.delete(key));
  }, [event.id]);
  if (!may("officer")) return html`<p class="small mute">${t("cameras.officers_judge")}</p>`;
  return html`<div class="actions"><button type="button" class=${event.verdict ? "" : "primary"} aria-pressed=${event.verdict === "confirmed"} onClick=${() => say("confirm")}>${t("cameras.confirm")} <kbd>A</kbd></button>
    <button type="button" aria-pressed=${event.verdict === "rejected"} onClick=${() => say("reject")}>${t("cameras.reject")}… <kbd>F</kbd></button>
    ${event.verdict && html`<span class="mute">${t(`cameras.verdict.${event.verdict}`)}</span>`}</div>`;
}

/** @param {{event: any}} props */
export function Card({ event }) {
  return html`<section class="card evidence" aria-label=${t("cameras.evidence")}>
    <header><h2><${Level} level=${event.level} /> ${typeWord(event.type)} <span class="mute">${aboutOf(event)}</span></h2></header>
    <div><${Verdict} event=${event} /></div><${Pictures} event=${event} /><div><${Facts} event=${event} /></div>
  </section>`;
}
