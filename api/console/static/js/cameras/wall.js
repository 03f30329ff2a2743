/** The wall: every camera with its latest picture, how old that is, how the camera is and why, and its last day. */
import { html, signal, useEffect, useRef, useState } from "../vendor.js";
import { get } from "../http.js";
import { age } from "../format.js";
import { now } from "../now.js";
import { Drawing } from "../drawings.js";
import { Level } from "../shapes.js";
import { t } from "../words.js";
import { DayStrip, Legend } from "./hours.js";
import { aboutOf, causeWord, named, StateMark, stateOf, stateWord, typeWord } from "./said.js";
import { api, cameras, happened, pathOf, read } from "./state.js";

const OLD = 15;
const STRIP_EVERY = 300_000;
const WORST = ["lost", "black", "frozen", "moved", "blind", "unknown", "degraded", "not_set_up", "ok"];
export const shownStates = signal("all");

/** The age of a picture as of this second. @param {any} camera */
export const ageOf = (camera) => (camera.age_s === null ? null : camera.age_s + Math.max(0, (now.value - read.value) / 1000));

/** Whether the element is on the screen: pictures that nobody sees are not asked for. */
export function useSeen() {
  const place = useRef(null);
  const [seen, see] = useState(false);
  useEffect(() => {
    const watcher = new IntersectionObserver(([entry]) => see(entry.isIntersecting), { rootMargin: "200px" });
    watcher.observe(place.current);
    return () => watcher.disconnect();
  }, []);
  return [place, seen];
}

/** @param {{camera: any, view?: "plain" | "boxes", seen?: boolean}} props */
export function Latest({ camera, view = "boxes", seen = true }) {
  const [shown, show] = useState("");
  const [broken, breaks] = useState("");
  const wanted = camera.picture_time && `${api(camera.station)}/picture?view=${view}&at=${encodeURIComponent(camera.picture_time)}`;
  useEffect(() => {
    if (seen && wanted) show(wanted);
  }, [seen, wanted]);
  if (!camera.picture_time) return html`<div class="nothing"><${StateMark} state="unknown" /><span>${t("cameras.no_picture")}</span></div>`;
  if (broken && broken === shown) return html`<div class="nothing"><${StateMark} state="lost" /><span>${t("cameras.picture_failed")}</span></div>`;
  if (!shown) return html`<div class="nothing"></div>`;
  return html`<img src=${shown} alt=${t("cameras.picture_of", { camera: named(camera) })} decoding="async" onError=${() => breaks(shown)} />`;
}

/** How old the picture is; an old one says so before anything else. @param {{camera: any}} props */
export function Age({ camera }) {
  const old = ageOf(camera);
  if (old === null) return null;
  const late = old > OLD;
  return html`<span class="age ${late ? "old" : ""}">${late ? t("cameras.old", { age: age(old) }) : t("cameras.age", { age: age(old) })}</span>`;
}

export function StateWords({ camera }) {
  const { state, cause } = stateOf(camera);
  return html`<span class="state s-${state}"><${StateMark} state=${state} />${stateWord(state)}${cause && cause !== state ? html`<span class="why">${causeWord(cause)}</span>` : ""}</span>`;
}

function useStrip(station, seen) {
  const [strip, put] = useState(null);
  const touched = happened.value.get(station);
  useEffect(() => {
    if (!seen) return undefined;
    const ask = () => get(`${api(station)}/strip`).then(put, () => undefined);
    ask();
    const timer = setInterval(ask, STRIP_EVERY);
    return () => clearInterval(timer);
  }, [station, seen, touched]);
  return strip;
}

function Tile({ camera }) {
  const [place, seen] = useSeen();
  const strip = useStrip(camera.station, seen);
  const worst = [...camera.open].sort((a, b) => a.level - b.level)[0];
  const { state } = stateOf(camera);
  return html`<li class="tile t-${state}" ref=${place}>
    <a href=${`/cameras/${pathOf(camera.station)}`} data-tile>
      <div class="picture"><${Latest} camera=${camera} seen=${seen} /><${Age} camera=${camera} /></div>
      <div class="words"><b>${named(camera)}</b><${StateWords} camera=${camera} /></div>
      <p class="what">${worst ? html`<${Level} level=${worst.level} /> ${typeWord(worst.type)} <span>${aboutOf(worst)}</span>${camera.open.length > 1 ? html` <span>+${camera.open.length - 1}</span>` : ""}` : html`<span>${t("cameras.nothing_open")}</span>`}</p>
    </a>
    ${strip ? html`<${DayStrip} strip=${strip} />` : html`<div class="day waiting"></div>`}
  </li>`;
}

function Filter() {
  const counts = new Map();
  for (const one of cameras.value) counts.set(stateOf(one).state, (counts.get(stateOf(one).state) ?? 0) + 1);
  const some = WORST.filter((state) => counts.has(state));
  const pick = (state, words, count) => html`<button type="button" aria-pressed=${shownStates.value === state} onClick=${() => (shownStates.value = state)}>${words}<b>${count}</b></button>`;
  return html`<div class="states" role="group" aria-label=${t("cameras.filter")}>
    ${pick("all", t("cameras.all"), cameras.value.length)}
    ${some.map((state) => pick(state, html`<${StateMark} state=${state} />${stateWord(state)}`, counts.get(state)))}
  </div>`;
}

/** The worst first, then by name; places hold as long as nothing changes. */
function ordered() {
  const rank = (one) => [one.open.length ? Math.min(...one.open.map((event) => event.level)) : 9, WORST.indexOf(stateOf(one).state)];
  return [...cameras.value].sort((a, b) => {
    const [x, y] = [rank(a), rank(b)];
    return x[0] - y[0] || x[1] - y[1] || a.station.localeCompare(b.station);
  });
}

export function Wall() {
  if (!cameras.value.length) return html`<${Drawing} kind="empty" text=${t("cameras.empty")} />`;
  const wanted = shownStates.value;
  const items = ordered().filter((one) => wanted === "all" || stateOf(one).state === wanted);
  return html`<div class="bar"><${Filter} /><${Legend} /></div>
    ${items.length ? html`<ul class="wall">${items.map((camera) => html`<${Tile} key=${camera.station} camera=${camera} />`)}</ul>` : html`<${Drawing} kind="empty" text=${t("cameras.none_so")} />`}`;
}
