/** One device: how it is connected, what it last said and heard, and what was asked of it. */
import { html, signal } from "../vendor.js";
import { full } from "../format.js";
import { Asked, Asking } from "./asking.js";
import { hintOf, identityWord, plainError, signsOf } from "./hints.js";
import { ago, bytes, Line, title } from "./lists.js";
import { site } from "../site.js";
import { byStation, closed, frames, nameOf, pick, picked, refusals, sessionOf, sessions } from "./state.js";
import { t } from "../words.js";

const digits = signal(false);
const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: site.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });

export function Detail() {
  const station = picked.value;
  const device = byStation.value.get(station);
  const session = sessionOf(station);
  const hints = refusals.value.filter((one) => one.station === station || (!one.station && device && one.identity === device.identity));
  return html`<section class="field-detail" aria-label=${station}>
    <header class="headed">
      <div><h2 class="big">${nameOf(device) || station}</h2><p class="mute small">${station}</p></div>
      <button onClick=${() => pick("")}>${t("field.back")} <kbd>Esc</kbd></button>
    </header>
    ${!device && sessions.value !== null && html`<p class="failed">${t("field.unlinked")}</p>`}
    ${device && html`<${Facts} device=${device} session=${session} />`}
    ${hints.map((one) => html`<${Hint} key=${one.reason} one=${one} />`)}
    ${closed.value && html`<p class="failed" role="alert">${t("failed", { why: closed.value })}</p>`}
    ${device && html`
      <section class="card"><header><h3>${t("field.ask")}</h3></header><div><${Asking} protocol=${device.protocol} /></div></section>
      <section class="card"><header><h3>${t("field.asked")}</h3></header><div><${Asked} protocol=${device.protocol} /></div></section>
      <${Frames} />
    `}
  </section>`;
}

function Facts({ device, session }) {
  const signs = session ? signsOf(session, device) : [];
  return html`<dl class="facts-list">
    <dt>${t("field.protocol")}</dt><dd>${title(device.protocol)} ${session?.version ?? ""}</dd>
    <dt>${identityWord(device.protocol)}</dt><dd><code>${device.identity}</code></dd>
    <dt>${t("field.connection")}</dt>
    <dd>${session ? html`<span class="cok">${t("field.connected_from", { peer: session.peer })}</span> · <time title=${full(session.opened)}>${t("field.since", { age: ago(session.opened) })}</time>` : html`<span class="c2">${t("field.not_connected")}</span>`}</dd>
    ${session && html`
      <dt>${t("field.last_frame")}</dt><dd>${session.last_frame ? html`<time title=${full(session.last_frame)}>${ago(session.last_frame)}</time>` : t("age.never")}</dd>
      <dt>${t("field.traffic")}</dt><dd>${t("field.traffic.of", { frames: session.frames, refused: session.refused, in: bytes(session.bytes_in), out: bytes(session.bytes_out) })}</dd>
      ${session.last_error && html`<dt>${t("field.last_error")}</dt><dd class="c2">${plainError(session.last_error)}</dd>`}
    `}
    <dt>${t("field.last_seen")}</dt><dd>${device.last_seen ? html`<time title=${full(device.last_seen)}>${full(device.last_seen)}</time> <span class="mute">${ago(device.last_seen)}</span>` : t("age.never")}</dd>
    ${signs.map((text) => html`<dt></dt><dd class="c2">${text}</dd>`)}
  </dl>`;
}

function Hint({ one }) {
  const hint = hintOf(one);
  if (!hint) return null;
  return html`<div class="hint"><p><b>${plainError(`${one.reason}: ${one.detail}`)}</b> <span class="mute small">${t("field.times", { n: one.count })} · ${ago(one.last)}</span></p>
    <p>${hint.text}</p>${hint.line && html`<${Line} text=${hint.line} />`}</div>`;
}

function Frames() {
  const list = [...(frames.value ?? [])].reverse();
  return html`<section class="card frames">
    <header>
      <h3>${t("field.last_frames")} <span class="mute">${list.length}</span></h3>
      <button class="quiet" aria-pressed=${digits.value} onClick=${() => (digits.value = !digits.value)}>${t("field.hex")} <kbd>H</kbd></button>
    </header>
    <div>
      ${frames.value === null && !closed.value && html`<p class="mute loading">${t("loading")}</p>`}
      ${frames.value !== null && !list.length && html`<p class="mute small">${t("field.no_frames")}</p>`}
      <ol>${list.map((one, place) => html`<${Frame} key=${`${one.time}${list.length - place}`} one=${one} />`)}</ol>
    </div>
  </section>`;
}

export const toggleDigits = () => (digits.value = !digits.value);
const plain = (text) => !/[^\x09\x0a\x0d\x20-\x7e\u00a0-\uffef]/.test(text) && !text.includes("\ufffd");
const spaced = (hex) => hex.replace(/../g, "$& ").trimEnd();

function Frame({ one }) {
  const short = one.hex.length / 2 < one.length;
  const body = digits.value || !plain(one.text) ? spaced(one.hex) : one.text.trimEnd();
  return html`<li data-direction=${one.direction}>
    <p class="small"><time title=${full(one.time)}>${clock.format(new Date(one.time))}</time> <b class=${one.direction === "refused" ? "c2" : ""}>${t(`field.direction.${one.direction}`)}</b> <span class="mute">${one.length} B</span></p>
    <pre class="bytes">${body}${short ? " …" : ""}</pre>
    ${one.why && html`<p class="small c2">${plainError(one.why)}</p>`}
  </li>`;
}
