/** A camera's site as a person sets it up: the picture to draw on, the steps beside it, undo, and saving what the hub finds right. */
import { html, signal, useEffect, useState } from "../vendor.js";
import { full } from "../format.js";
import { Drawing } from "../drawings.js";
import { t } from "../words.js";
import { Canvas } from "./canvas.js";
import { changed, draft, future, open, past, redo, save, saved, tool, undo, watch, worth } from "./draft.js";
import { Effect, forget } from "./effect.js";
import { Findings, Steps } from "./panel.js";
import { api, may, refresh } from "./state.js";
import { Age } from "./wall.js";

const SIZE = [1280, 720];
const trouble = signal(null);
const state = signal("");

async function read(camera) {
  trouble.value = null;
  await open(camera.station, [camera.width ?? SIZE[0], camera.height ?? SIZE[1]]).catch((error) => (trouble.value = error));
}

async function keep(camera) {
  state.value = "saving";
  try {
    await save(camera.station);
    [state.value, trouble.value] = ["saved", null];
    await refresh();
  } catch (error) {
    [state.value, trouble.value] = ["", error];
  }
}

function typed(event) {
  if (!(event.ctrlKey || event.metaKey) || event.target.closest("input, textarea")) return;
  const key = event.key.toLowerCase();
  const work = key === "y" || (key === "z" && event.shiftKey) ? redo : key === "z" ? undo : null;
  if (!work) return;
  event.preventDefault();
  work();
}

function Trouble({ camera }) {
  const error = trouble.value;
  if (!error) return null;
  const words = error.status === 412 || error.status === 428 ? t("cameras.setup.lost_update") : error.status === 403 ? t("cameras.setup.admins") : error.message;
  return html`<div class="c1" role="alert"><p>${words}</p>${error.errors?.length > 0 && html`<ul class="small">${error.errors.map((one) => html`<li>${one.field}: ${one.expected}</li>`)}</ul>`}
    ${error.status === 412 && html`<button type="button" onClick=${() => read(camera)}>${t("cameras.setup.read_again")}</button>`}</div>`;
}

function Saving({ camera }) {
  if (!may("admin")) return html`<p class="small note">${t("cameras.setup.admins")}</p>`;
  const stop = worth.value && !worth.value.ok;
  return html`<div class="actions"><button type="button" class="primary" disabled=${!changed.value || !worth.value || stop || state.value === "saving"} onClick=${() => keep(camera)}>${t(state.value === "saving" ? "cameras.setup.saving" : "cameras.setup.save")}</button>
      <span class="small mute" role="status">${changed.value ? t("cameras.setup.unsaved") : saved.value.changed ? t("cameras.setup.saved", { at: full(saved.value.changed), by: saved.value.by }) : ""}</span></div>`;
}

function Bar({ camera, newer }) {
  const help = tool.value === "" ? "choose" : ["ground", "patch"].includes(tool.value) ? tool.value : "zone";
  return html`<div class="bar"><div class="actions"><button type="button" disabled=${!past.value.length} onClick=${undo}>${t("cameras.setup.undo")} <kbd>Ctrl Z</kbd></button><button type="button" disabled=${!future.value.length} onClick=${redo}>${t("cameras.setup.redo")} <kbd>Ctrl Y</kbd></button>
      ${camera.picture_time && html`<button type="button" onClick=${newer}>${t("cameras.setup.newer")}</button>`}<${Age} camera=${camera} /></div>
    <p id="canvas-help" class="small mute" aria-live="polite">${t(`cameras.setup.help.${help}`)}</p></div>`;
}

/** @param {{camera: any}} props */
export function Setup({ camera }) {
  const at = camera.picture_time ?? "";
  const [shown, show] = useState(at);
  useEffect(() => {
    forget();
    [draft.value, worth.value, state.value] = [null, null, ""];
    read(camera);
    const stop = watch(camera.station);
    const guard = (event) => changed.value && past.value.length && event.preventDefault();
    document.addEventListener("keydown", typed);
    window.addEventListener("beforeunload", guard);
    return () => (stop(), document.removeEventListener("keydown", typed), window.removeEventListener("beforeunload", guard));
  }, [camera.station]);
  if (!draft.value) {
    if (!trouble.value) return html`<${Drawing} kind="loading" text=${t("cameras.loading")} />`;
    return html`<${Drawing} kind=${trouble.value.status === 403 ? "forbidden" : "failed"} text=${trouble.value.message} again=${() => read(camera)} />`;
  }
  const image = shown && api(camera.station, `/picture?view=plain&at=${encodeURIComponent(shown)}`);
  return html`<div class="setup">
    <section class="stage" aria-label=${t("cameras.setup.picture")}><${Bar} camera=${camera} newer=${() => show(camera.picture_time)} /><${Canvas} image=${image} />
      ${!image && html`<p class="note small">${t("cameras.setup.no_picture")}</p>`}
      ${draft.value.ground.length < 4 && html`<p class="note small">${t("cameras.setup.in_percent")}</p>`}</section>
    <aside class="card side" aria-label=${t("cameras.tab.setup")}><${Steps} camera=${camera} /><${Effect} camera=${camera} />
      <div class="save"><${Findings} /><${Trouble} camera=${camera} /><${Saving} camera=${camera} /></div></aside>
  </div>`;
}
