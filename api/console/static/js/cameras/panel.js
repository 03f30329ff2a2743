/** The set-up's side: step by step what is to be drawn and measured, what the hub finds wrong with it, and saving. */
import { html } from "../vendor.js";
import { number } from "../format.js";
import { t } from "../words.js";
import { change, chosen, closeZone, corners, draft, removeChosen, setSource, source, tool, worth, ZONES } from "./draft.js";
import { Ground } from "./ground.js";
import { mistaken, said } from "./mistakes.js";

function List({ kind }) {
  const own = (index) => chosen.value?.kind === kind && chosen.value.index === index;
  return html`<ul class="zones">${draft.value[kind].map((zone, index) => html`<li class=${`${own(index) ? "own" : ""} ${mistaken(kind, index) ? "bad" : ""}`}>
    <button type="button" class="quiet" aria-pressed=${own(index)} onClick=${() => ([chosen.value, tool.value] = [{ kind, index, corner: -1 }, ""])}><i class="key z-${kind}"></i>${t("cameras.setup.corners", { n: zone.points.length })}</button>
    <input aria-label=${t("cameras.setup.zone_name")} value=${zone.name} maxlength="64" onChange=${(event) => change((one) => (one[kind][index].name = event.target.value.trim()))} />
    <button type="button" class="quiet" aria-label=${t("cameras.setup.remove_zone", { name: zone.name })} onClick=${() => ((chosen.value = { kind, index, corner: -1 }), removeChosen())}>✕</button></li>`)}</ul>`;
}

function Draw({ kind }) {
  const drawing = tool.value === kind;
  const start = () => ([tool.value, corners.value, chosen.value] = [drawing ? "" : kind, [], null]);
  return html`<div class="draw"><button type="button" aria-pressed=${drawing} onClick=${start}><i class="key z-${kind}"></i>+ ${t(`cameras.zone.${kind}`)}</button>
    ${drawing && html`<button type="button" class="primary" disabled=${corners.value.length < 3} onClick=${closeZone}>${t("cameras.setup.close")} <kbd>Enter</kbd></button>`}</div><${List} kind=${kind} />`;
}

function Number_({ name, value, put, ...more }) {
  return html`<label>${t(`cameras.setup.${name}`)}<input type="number" step="any" value=${value} onChange=${(event) => event.target.value !== "" && Number.isFinite(Number(event.target.value)) && put(Number(event.target.value))} ...${more} /></label>`;
}

function Flow() {
  const { flow, ground } = draft.value;
  const toggle = () => change((one) => (one.flow = one.flow ? null : { direction_deg: 90, speed_m_s: 0.3 }));
  return html`<label class="check"><input type="checkbox" checked=${Boolean(flow)} onChange=${toggle} />${t("cameras.setup.flow_known")}</label>
    ${flow && html`<div class="two"><${Number_} name="direction" value=${flow.direction_deg} min="0" max="360" put=${(value) => change((one) => (one.flow.direction_deg = value))} /><${Number_} name="speed" value=${flow.speed_m_s} min="0" max="15" put=${(value) => change((one) => (one.flow.speed_m_s = value))} /></div>
      <p class="small mute">${t(ground.length >= 4 ? "cameras.setup.flow_drag" : "cameras.setup.flow_metres")}</p>`}`;
}

function Sizes() {
  const one = draft.value;
  const patch = () => (one.reference_patch ? change((next) => (next.reference_patch = null)) : ([tool.value, chosen.value] = [tool.value === "patch" ? "" : "patch", null]));
  return html`<div class="two"><${Number_} name="min_size" value=${one.min_size_m} min="0.02" max="50" put=${(value) => change((next) => (next.min_size_m = value))} />
      <${Number_} name="min_share" value=${Number(((one.min_share ?? 0.00015) * 100).toPrecision(6))} min="0" max="100" put=${(value) => change((next) => (next.min_share = value / 100))} /></div>
    <p class="small mute">${t(one.ground.length >= 4 ? "cameras.setup.size_counts" : "cameras.setup.share_counts")}</p>
    <button type="button" aria-pressed=${tool.value === "patch"} onClick=${patch}>${t(one.reference_patch ? "cameras.setup.patch_remove" : "cameras.setup.patch_place")}</button><p class="small mute">${t("cameras.setup.patch_why")}</p>`;
}

function Source() {
  const one = source.value;
  const put = (name, value) => setSource({ url: "", password: "", every_s: 1, key_frames: true, ...one, [name]: value });
  const toggle = () => setSource(one ? null : { url: "rtsp://", password: "", every_s: 1, key_frames: true });
  return html`<label class="check"><input type="checkbox" checked=${Boolean(one)} onChange=${toggle} />${t("cameras.setup.fetched")}</label>
    ${one ? html`<label>${t("cameras.setup.url")}<input value=${one.url} spellcheck="false" onChange=${(event) => put("url", event.target.value.trim())} /></label>
      <div class="two"><label>${t("cameras.setup.password")}<input value=${one.password} onChange=${(event) => put("password", event.target.value.trim())} /></label><${Number_} name="every" value=${one.every_s} min="0.05" max="3600" put=${(value) => put("every_s", value)} /></div>
      <label class="check"><input type="checkbox" checked=${one.key_frames} onChange=${(event) => put("key_frames", event.target.checked)} />${t("cameras.setup.key_frames")}</label>` : html`<p class="small mute">${t("cameras.setup.sends")}</p>`}`;
}

/** Every finding, and what it is about at a click. */
export function Findings() {
  const told = worth.value;
  if (!told) return html`<p class="small mute">${t("cameras.setup.checking")}</p>`;
  if (told.failed) return html`<p class="c1" role="alert">${t("failed", { why: told.failed })}</p>`;
  if (told.ok) return html`<p class="cok" role="status">${t("cameras.setup.fine")} ${told.calibration.calibrated ? t("cameras.setup.in_metres", { n: number(Math.round(told.calibration.worst_residual * 1000) / 10) }) : t("cameras.setup.in_percent")}</p>`;
  const findings = told.mistakes.map((one) => said(one, draft.value));
  const show = ({ kind, index }) => ([...ZONES, "ground"].includes(kind) && index >= 0 ? (chosen.value = { kind, index, corner: -1 }) : undefined);
  return html`<div role="status"><ul class="findings">${findings.map((one) => html`<li><button type="button" class="quiet" onClick=${() => show(one)}><b>${one.where}</b> ${one.text}</button></li>`)}</ul></div>`;
}

function Step({ n, title, open, children }) {
  return html`<details class="step" open=${open}><summary><b>${n}</b>${title}</summary><div>${children}</div></details>`;
}

/** @param {{camera: any}} props */
export function Steps({ camera }) {
  return html`<${Step} n="1" title=${t("cameras.setup.step.water")} open><${Draw} kind="water" /><p class="small mute">${t("cameras.setup.water_why")}</p><//>
    <${Step} n="2" title=${t("cameras.setup.step.zones")} open=${draft.value.water.length > 0}>${["banks", "exclusions", "booms", "sky"].map((kind) => html`<${Draw} key=${kind} kind=${kind} />`)}<//>
    <${Step} n="3" title=${t("cameras.setup.ground")} open=${draft.value.water.length > 0}><${Ground} camera=${camera} /><//>
    <${Step} n="4" title=${t("cameras.setup.step.flow")}><${Flow} /><${Sizes} /><//>
    <${Step} n="5" title=${t("cameras.setup.step.source")}><${Source} /><//>`;
}
