/** One camera: what it shows now, what happened, and whatever of it the tabs name. */
import { html, useEffect, useState } from "../vendor.js";
import { get } from "../http.js";
import { when } from "../format.js";
import { Drawing } from "../drawings.js";
import { Level } from "../shapes.js";
import { t } from "../words.js";
import { Card } from "./card.js";
import { DayStrip } from "./hours.js";
import { Learning } from "./learning.js";
import { Months } from "./month.js";
import { aboutOf, named, typeWord } from "./said.js";
import { Setup } from "./setup.js";
import { api, happened } from "./state.js";
import { Age, Latest, StateWords } from "./wall.js";

/** Events of a camera, newest first, asked again whenever something happens. */
function useEvents(station) {
  const [events, put] = useState(null);
  const [strip, day] = useState(null);
  const [problem, fails] = useState(null);
  const [most, more] = useState(50);
  const touched = happened.value.get(station);
  useEffect(() => {
    get(`/v1/patrol/events?camera=${encodeURIComponent(station)}&limit=${most}`).then((answer) => (put(answer), fails(null)), fails);
    get(`${api(station)}/strip`).then(day, () => undefined);
  }, [station, touched, most]);
  return { events, strip, problem, more: () => more(most + 50) };
}

function Row({ event, chosen, choose }) {
  const verdict = event.verdict ? html`<span class="verdict">${t(`cameras.verdict.${event.verdict}`)}</span>` : event.closed ? "" : html`<span class="going">${t("cameras.going")}</span>`;
  return html`<button type="button" class="row" data-tile aria-pressed=${chosen} onClick=${choose} onFocus=${choose}>
    <${Level} level=${event.level} /><span class="title"><b>${typeWord(event.type)}</b></span><span class="age">${when(event.opened)}</span>
    <span class="where">${aboutOf(event)}</span>${verdict}
  </button>`;
}

function Events({ found, id, choose }) {
  if (found.problem) return html`<${Drawing} kind=${found.problem.status === 403 ? "forbidden" : "failed"} text=${found.problem.message} />`;
  if (!found.events) return html`<${Drawing} kind="loading" text=${t("cameras.loading")} />`;
  if (!found.events.items.length) return html`<${Drawing} kind="empty" text=${t("cameras.no_events")} />`;
  return html`${found.events.items.map((event) => html`<${Row} key=${event.id} event=${event} chosen=${event.id === id} choose=${() => choose(event.id)} />`)}
    ${found.events.next && html`<button type="button" class="more" onClick=${found.more}>${t("cameras.more")}</button>`}`;
}

function Live({ camera }) {
  const [boxes, draw] = useState(true);
  return html`<section class="card live" aria-label=${t("cameras.live")}>
    <div class="picture"><${Latest} camera=${camera} view=${boxes ? "boxes" : "plain"} /><${Age} camera=${camera} /></div>
    <div class="words"><${StateWords} camera=${camera} />
      <span class="mute small">${camera.width ? `${camera.width} × ${camera.height} · ${t("cameras.fps", { n: camera.fps })}` : ""} ${camera.calibrated ? t("cameras.calibrated") : t("cameras.uncalibrated")}</span>
      <button type="button" aria-pressed=${boxes} onClick=${() => draw(!boxes)}>${t("cameras.boxes")}</button></div>
  </section>`;
}

function Now({ camera }) {
  const found = useEvents(camera.station);
  const [id, choose] = useState(new URLSearchParams(location.search).get("event") ?? "");
  const items = found.events?.items ?? [];
  const event = items.find((one) => one.id === id) ?? items[0];
  const pick = (name) => {
    choose(name);
    history.replaceState(null, "", `?event=${encodeURIComponent(name)}`);
  };
  return html`<div class="one">
    <div class="left"><${Live} camera=${camera} />${found.strip && html`<${DayStrip} strip=${found.strip} pick=${(one) => pick(one.id)} />`}
      <section class="card events" aria-label=${t("cameras.events")}><header><h2>${t("cameras.events")}</h2></header><${Events} found=${found} id=${event?.id} choose=${pick} /></section></div>
    <div class="about">${event ? html`<${Card} key=${event.id} event=${event} />` : items.length > 0 && html`<p class="card empty">${t("cameras.choose")}</p>`}</div>
  </div>`;
}

/** @param {{camera: any, view: string, tabs: any}} props */
export function One({ camera, view, tabs }) {
  const inside = { setup: () => html`<${Setup} key=${camera.station} camera=${camera} />`, learning: () => html`<${Learning} camera=${camera} />`, month: () => html`<${Months} cameras=${[camera]} />` }[view];
  return html`<header class="head"><h1><a href="/cameras">${t("nav.cameras")}</a> › ${named(camera)}</h1>${tabs}</header>${inside ? inside() : html`<${Now} camera=${camera} />`}`;
}
