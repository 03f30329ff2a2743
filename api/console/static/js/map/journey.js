/** The chosen vehicle's last hours: how far, how fast, stops, gaps and alarms, and the playback. */
import { html, useState } from "../vendor.js";
import { full, number, when } from "../format.js";
import { eventName } from "../names.js";
import { t } from "../words.js";
import { Level } from "../shapes.js";
import { site } from "../site.js";
import { ends, live, toggle, track, trouble } from "./replay.js";
import { bounds, moment, pace, picked, playing, range } from "./view.js";

const HOURS = [1, 6, 24];
const PACES = [1, 5, 10, 30, 60];

/** @param {{fitTrack: (track: any) => void}} props */
export function Journey({ fitTrack }) {
  const found = track.value;
  const [own, setOwn] = useState(!range.value.hours);
  const choose = (next) => (live(), (range.value = next));
  return html`<section class="card" aria-label=${t("map.track")}>
    <header>
      <h2>${t("map.track")}</h2>
      <span>${HOURS.map((n) => html`<button class="quiet small" aria-pressed=${range.value.hours === n} onClick=${() => (setOwn(false), choose({ hours: n }))}>${t("map.hours", { n })}</button>`)}
        <button class="quiet small" aria-pressed=${own} onClick=${() => setOwn(!own)}>${t("map.own")}</button></span>
    </header>
    <div>
      ${own && html`<${Own} choose=${choose} />`}
      ${trouble.value && html`<p class="failed" role="alert">${t("failed", { why: trouble.value })}</p>`}
      ${!found && !trouble.value && html`<p class="empty loading">${t("loading")}</p>`}
      ${found && !found.positions && html`<p class="empty">${t("map.track.none")}</p>`}
      ${found && found.positions > 0 && html`<${Playback} found=${found} /><${Facts} found=${found} fitTrack=${fitTrack} /><${Happened} found=${found} />`}
    </div>
  </section>`;
}

/** A range of one's own, in the site's time whatever the browser's zone is. */
function Own({ choose }) {
  const { from, to } = bounds();
  const [problem, setProblem] = useState("");
  const written = (time) => full(time).replace(" ", "T").slice(0, 16);
  const send = (event) => {
    event.preventDefault();
    const [begin, end] = ["from", "to"].map((name) => Date.parse(`${event.target.elements[name].value}:00${site.offset}`));
    const good = begin < end;
    setProblem(good ? "" : t("map.own.wrong"));
    if (good) choose({ from: begin, to: end });
  };
  return html`<form class="own" onSubmit=${send}>
    <label>${t("map.own.from")}<input type="datetime-local" name="from" required value=${written(from)} /></label>
    <label>${t("map.own.to")}<input type="datetime-local" name="to" required value=${written(to)} /></label>
    <button type="submit">${t("map.own.go")}</button>
    ${problem && html`<p class="c1 small" role="alert">${problem}</p>`}
  </form>`;
}

function Playback({ found }) {
  const [from, to] = ends(found);
  const at = moment.value ?? to;
  const seek = (event) => (moment.value = Number(event.target.value));
  return html`<div class="playback">
    <${Ribbon} found=${found} from=${from} to=${to} at=${at} />
    <input type="range" min=${from} max=${to} step="1000" value=${at} onInput=${seek} aria-label=${t("map.replay.time")} aria-valuetext=${full(at)} />
    <div class="actions">
      <button class=${playing.value ? "" : "primary"} id="play" onClick=${toggle}>${t(playing.value ? "map.replay.pause" : "map.replay.play")} <kbd>P</kbd></button>
      <label class="pace"><span>${t("map.replay.pace")}</span>
        <select onChange=${(event) => (pace.value = Number(event.target.value))}>${PACES.map((n) => html`<option value=${n} selected=${pace.value === n}>×${n}</option>`)}</select>
      </label>
      ${moment.value !== null && html`<button onClick=${live}>${t("map.replay.live")} <kbd>L</kbd></button>`}
    </div>
  </div>`;
}

/** Speed over time with what happened on it; the slider below has the same width. */
function Ribbon({ found, from, to, at }) {
  const span = Math.max(1, to - from);
  const left = (time) => (100 * (Math.min(to, Math.max(from, time)) - from)) / span;
  const bar = (one, look) => html`<i class=${look} style=${{ left: `${left(Date.parse(one.from))}%`, width: `${Math.max(0.4, left(Date.parse(one.to)) - left(Date.parse(one.from)))}%` }}></i>`;
  const top = Math.max(30, found.max_speed?.speed ?? 0);
  const line = (rows, times) => rows.map((row, index) => `${left(times[index]).toFixed(2)},${(30 - (28 * (row[3] ?? 0)) / top).toFixed(1)}`).join(" ");
  return html`<div class="ribbon" aria-hidden="true">
    ${found.gaps.map((one) => bar(one, "gap"))}${found.stops.map((one) => bar(one, "stop"))}
    <svg viewBox="0 0 100 30" preserveAspectRatio="none">${found.parts.map((rows, index) => html`<polyline points=${line(rows, found.times[index])} />`)}</svg>
    ${found.alarms.map((one) => html`<span class="tick" style=${{ left: `${left(Date.parse(one.from))}%` }}><${Level} level=${one.level} /></span>`)}
    <b class="at" style=${{ left: `${left(at)}%` }}></b>
  </div>`;
}

function Facts({ found, fitTrack }) {
  const peak = found.max_speed;
  const left = found.left_out.unfixed + found.left_out.doubtful + found.left_out.jumps;
  return html`<dl class="facts-list">
    <dt>${t("map.distance")}</dt><dd>${number(found.distance_km)} km <button class="quiet small plain-link" onClick=${() => fitTrack(found)}>${t("map.fit")}</button></dd>
    <dt>${t("map.top")}</dt>
    <dd>${peak ? html`${Math.round(peak.speed)} km/h <button class="quiet small plain-link" onClick=${() => (moment.value = Date.parse(peak.time))}>${when(peak.time)}</button>` : "–"}</dd>
    ${left > 0 && html`<dt>${t("map.left")}</dt><dd>${t("map.left.n", { n: left })}</dd>`}
    <dt>${t("map.files")}</dt><dd><${Files} found=${found} /></dd>
  </dl>`;
}

function Files({ found }) {
  const words = new URLSearchParams({ from: found.from, to: found.to });
  return ["csv", "xlsx", "gpx"].map((form) => html`<a href=${`/v1/vehicles/${picked.value}/track?${words}&format=${form}`} download>${form.toUpperCase()}</a> `);
}

const MINUTE = 60_000;
const EVENTS = 60;

function Happened({ found }) {
  const minutes = (one) => Math.max(1, Math.round((Date.parse(one.to) - Date.parse(one.from)) / MINUTE));
  const items = [
    ...found.stops.map((one) => ({ one, sign: html`<i class="sign stop"></i>`, words: t("map.stop", { n: minutes(one) }) })),
    ...found.gaps.map((one) => ({ one, sign: html`<i class="sign gap"></i>`, words: t("map.gap", { n: minutes(one), km: number(one.km) }) })),
    ...found.alarms.map((one) => ({ one, sign: html`<${Level} level=${one.level} />`, words: eventName(one.type) })),
  ].sort((a, b) => Date.parse(b.one.from) - Date.parse(a.one.from));
  if (!items.length) return html`<p class="small mute">${t("map.quiet")}</p>`;
  return html`<ul class="happened" aria-label=${t("map.happened")}>
    ${items.slice(0, EVENTS).map(({ one, sign, words }) => html`<li><button class="quiet" onClick=${() => (moment.value = Date.parse(one.from))}>${sign}<time>${when(one.from)}</time><span>${words}</span></button></li>`)}
  </ul>`;
}
