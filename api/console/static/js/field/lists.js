/** Who is connected, who is not, and who was turned away. */
import { html } from "../vendor.js";
import { age, full, when } from "../format.js";
import { now } from "../now.js";
import { hintOf, plainError, reasonWord, signsOf } from "./hints.js";
import { absent, byStation, nameOf, pick, picked, protocolOf, protocols, query, refusals, sessions, shownRefusals, shownSessions } from "./state.js";
import { t } from "../words.js";

const MOST_ROWS = 300;
export const title = (name) => protocolOf(name)?.title ?? name;
export const ago = (time) => (time ? t("field.ago", { age: age((now.value - Date.parse(time)) / 1000) }) : t("age.never"));
export const bytes = (number) => (number < 10_000 ? `${number} B` : number < 10_000_000 ? `${Math.round(number / 1000)} kB` : `${Math.round(number / 1_000_000)} MB`);

export function Listeners() {
  const open = sessions.value ?? [];
  return html`<ul class="listeners">
    ${protocols.value.map((one) => {
      const here = open.filter((session) => session.protocol === one.protocol).length;
      return html`<li class=${one.listen ? "" : "faint"}><b>${one.title}</b> ${one.listen ? html`<code>${one.listen}</code> <span>${t("field.connected", { n: here })}</span>` : t("field.unheard")}</li>`;
    })}
  </ul>`;
}

export function Refusals() {
  const list = shownRefusals.value;
  if (!list.length) return null;
  return html`<section aria-label=${t("field.refusals")}>
    <h2>${t("field.refusals")} <span class="mute">${list.length}</span></h2>
    <ul class="refusals">
      ${list.slice(0, 30).map((one) => html`<${Refusal} key=${`${one.protocol}${one.station}${one.identity}${one.address}${one.reason}`} one=${one} />`)}
    </ul>
  </section>`;
}

function Refusal({ one }) {
  const hint = hintOf(one);
  return html`<li class="card">
    <p class="refused">
      <span class="c2 strong">${reasonWord(one.reason)}</span>
      <span>${title(one.protocol)}</span>
      ${one.station ? html`<button class="plain-link" onClick=${() => pick(one.station)}>${nameOf(byStation.value.get(one.station)) || one.station}</button>` : one.identity && html`<code>${one.identity}</code>`}
      <span class="mute">${one.address}</span>
      <span class="mute right">${t("field.times", { n: one.count })} · <time title=${full(one.last)}>${ago(one.last)}</time></span>
    </p>
    <p class="small mute words">${one.detail}</p>
    ${hint && html`<p class="small">${hint.text}</p>`}
    ${hint?.line && html`<${Line} text=${hint.line} />`}
  </li>`;
}

/** A line to copy; without TLS there is no clipboard, and the line can be marked whole. */
export function Line({ text }) {
  const copy = (event) => navigator.clipboard?.writeText(text).then(() => (event.target.textContent = t("field.copied")));
  return html`<p class="copy"><code tabindex="0">${text}</code>${navigator.clipboard && html`<button class="quiet" onClick=${copy}>${t("field.copy")}</button>`}</p>`;
}

export function Absent() {
  const list = [...absent.value].sort((a, b) => Date.parse(b.last_seen ?? 0) - Date.parse(a.last_seen ?? 0));
  if (!list.length || sessions.value === null) return null;
  return html`<section aria-label=${t("field.absent")}>
    <h2>${t("field.absent")} <span class="mute">${list.length}</span></h2>
    <div class="sideways"><table class="list field-list">
      <thead><tr>${["station", "protocol", "identity", "last_seen"].map((name) => html`<th scope="col">${t(`field.${name}`)}</th>`)}</tr></thead>
      <tbody>
        ${list.slice(0, MOST_ROWS).map(
          (one) => html`<tr key=${one.station} data-station=${one.station} aria-current=${picked.value === one.station}>
            <td><${Name} station=${one.station} /></td>
            <td class="nowrap">${title(one.protocol)}</td>
            <td><code>${one.identity}</code></td>
            <td class="nowrap">${!one.enabled ? t("field.disabled") : one.last_seen ? html`<time title=${full(one.last_seen)}>${when(one.last_seen)}</time> <span class="mute">${ago(one.last_seen)}</span>` : t("age.never")}</td>
          </tr>`,
        )}
      </tbody>
    </table></div>
  </section>`;
}

function Name({ station, identity }) {
  if (!station) return html`<span class="c2">${t("field.stranger")}</span>`;
  const name = nameOf(byStation.value.get(station));
  return html`<button class="plain-link name" data-pick onClick=${() => pick(station)}>${name || station}</button>${name && html`<br /><span class="faint small wide">${station}</span>`}`;
}

export function Connections() {
  const list = shownSessions.value;
  return html`<section aria-label=${t("field.sessions")}>
    <h2>${t("field.sessions")} <span class="mute">${list.length}</span></h2>
    ${sessions.value === null && html`<p class="empty loading">${t("loading")}</p>`}
    ${sessions.value !== null && !list.length && html`<p class="empty">${t(query.value ? "field.none_found" : "field.none")}</p>`}
    ${list.length > 0 && html`<div class="sideways"><${Table} list=${list.slice(0, MOST_ROWS)} /></div>`}
    ${list.length > MOST_ROWS && html`<p class="mute small">${t("field.more", { n: list.length - MOST_ROWS })}</p>`}
  </section>`;
}

function Table({ list }) {
  return html`<table class="list field-list">
    <thead>
      <tr>
        <th scope="col">${t("field.station")}</th><th scope="col">${t("field.protocol")}</th><th scope="col" class="wide">${t("field.identity")}</th>
        <th scope="col" class="wide">${t("field.peer")}</th><th scope="col">${t("field.last_frame")}</th><th scope="col" class="right">${t("field.frames")}</th>
        <th scope="col" class="right wide">${t("field.bytes")}</th><th scope="col" class="right">${t("field.refused")}</th><th scope="col" class="wide">${t("field.notable")}</th>
      </tr>
    </thead>
    <tbody>${list.map((one) => html`<${Row} key=${`${one.station}${one.peer}`} one=${one} />`)}</tbody>
  </table>`;
}

function Row({ one }) {
  const notable = [one.last_error && plainError(one.last_error), ...signsOf(one, byStation.value.get(one.station))].filter(Boolean);
  return html`<tr data-station=${one.station ?? ""} aria-current=${Boolean(one.station) && picked.value === one.station}>
    <td><${Name} station=${one.station} /></td>
    <td class="nowrap">${title(one.protocol)}${one.version && html`<br /><span class="faint small">${one.version}</span>`}</td>
    <td class="wide"><code>${one.identity}</code></td>
    <td class="wide nowrap">${one.peer}</td>
    <td class="nowrap">${one.last_frame ? html`<time title=${full(one.last_frame)}>${ago(one.last_frame)}</time>` : t("age.never")}</td>
    <td class="right">${one.frames}</td>
    <td class="right wide nowrap">${bytes(one.bytes_in)}<br /><span class="faint small">${bytes(one.bytes_out)}</span></td>
    <td class=${`right ${one.refused ? "c2 strong" : ""}`}>${one.refused}</td>
    <td class="wide small">${notable.map((text) => html`<p>${text}</p>`)}</td>
  </tr>`;
}

/** Nothing wrong anywhere: said in words, because an empty place may also mean that nobody looked. */
export function Quiet() {
  if (sessions.value === null || refusals.value.length || absent.value.length || query.value) return null;
  return html`<p class="cok small">${t("field.quiet")}</p>`;
}
