/** What the draft would have seen in the pictures of the last 24 hours: asked for before it is saved. */
import { html, signal } from "../vendor.js";
import { post } from "../http.js";
import { when } from "../format.js";
import { t } from "../words.js";
import { draft, worth } from "./draft.js";
import { boxes } from "./pointer.js";
import { api, may } from "./state.js";

const HIGH = 44;
const found = signal(null);
const busy = signal(false);
const problem = signal("");
let before = null;

/** Nothing is known of another camera's draft. */
export function forget() {
  [found.value, busy.value, problem.value, boxes.value, before] = [null, false, "", [], null];
}

async function ask(station) {
  [busy.value, problem.value, before] = [true, "", found.value];
  try {
    const told = await post(api(station, "/preview"), { config: draft.value });
    found.value = { ...told, of: JSON.stringify(draft.value) };
    boxes.value = told.items.flatMap((one) => one.boxes);
  } catch (error) {
    problem.value = error.message;
  }
  busy.value = false;
}

function Hours({ hours }) {
  const most = Math.max(1, ...hours.map((one) => one.detections));
  const wide = 300 / Math.max(24, hours.length);
  return html`<svg class="hours" viewBox="0 0 300 ${HIGH + 2}" role="img" aria-label=${t("cameras.effect.hours", { most })}>
    ${hours.map((one, n) => html`<rect x=${n * wide} y=${HIGH - Math.max(1, (one.detections / most) * HIGH)} width=${wide - 1} height=${Math.max(1, (one.detections / most) * HIGH)}><title>${when(one.from)}: ${one.detections} / ${one.pictures}</title></rect>`)}
    <path class="base" d="M0 ${HIGH + 0.5}H300" /></svg>`;
}

function Told() {
  const told = found.value;
  if (!told.pictures) return html`<p class="small">${t("cameras.effect.no_pictures")}</p>`;
  const old = told.of !== JSON.stringify(draft.value);
  return html`${old && html`<p class="small c2">${t("cameras.effect.old")}</p>`}
    <p><b>${told.detections}</b> ${t("cameras.effect.found", { with: told.with_detections, pictures: told.pictures, unusable: told.unusable })}</p>
    ${before?.pictures ? html`<p class="small mute">${t("cameras.effect.before", { n: before.detections })}</p>` : ""}
    <${Hours} hours=${told.hours} /><p class="small mute">${t("cameras.effect.drawn")}</p>
    <label class="check"><input type="checkbox" checked=${boxes.value.length > 0} onChange=${(event) => (boxes.value = event.target.checked ? told.items.flatMap((one) => one.boxes) : [])} />${t("cameras.effect.show")}</label>`;
}

/** @param {{camera: any}} props */
export function Effect({ camera }) {
  if (!may("officer")) return null;
  return html`<details class="step" open><summary><b>6</b>${t("cameras.effect.title")}</summary><div>
    <button type="button" disabled=${busy.value || !worth.value?.ok} onClick=${() => ask(camera.station)}>${t(busy.value ? "cameras.effect.busy" : "cameras.effect.ask")}</button>
    ${problem.value && html`<p class="c1" role="alert">${problem.value}</p>`}${found.value && html`<${Told} />`}</div></details>`;
}
