/** The bulletin: water and air of a day, a month or a year on one sheet that can be printed. */
import { effect, html, render, signal } from "../vendor.js";
import { session } from "../http.js";
import { listen, start } from "../live.js";
import { site } from "../site.js";
import { load, stations, take } from "../state.js";
import { Banner, Facts, watchAlarms } from "../top.js";
import { t } from "../words.js";
import { Air } from "./air.js";
import { file, read } from "./data.js";
import { Notes, Sources } from "./notes.js";
import { KINDS, address, choose, current, department, kind, label, moved, running, shown, step } from "./period.js";
import { Water } from "./water.js";

const copied = signal(false);

function Page() {
  return html`<${Tools} />
    <article class="bulletin">
      <header>
        <h1>${t(`bulletin.title.${kind.value}`, { name: site.name })}</h1>
        <p class="mute">${label.value} · ${t("bulletin.range", { from: current.value.from, to: moved(current.value.to, "day", -1) })} · ${t("bulletin.department")} ${department.value || t("bulletin.all")}</p>
        ${running.value && html`<p class="running" role="note">${t("bulletin.running")}</p>`}
      </header>
      <${Water} /><${Air} /><${Notes} /><${Sources} />
    </article>`;
}

function Tools() {
  const departments = [...new Set(stations.value.map((one) => one.department))].sort();
  return html`<div class="bulletin-tools">
    <span class="group" role="group" aria-label=${t("bulletin.period")}>${KINDS.map((one) => html`<button class="quiet" aria-pressed=${kind.value === one} onClick=${() => (kind.value = one)}>${t(one === "year" ? "bulletin.year.kind" : `bulletin.${one}`)}</button>`)}</span>
    <span class="group">
      <button aria-label=${t("bulletin.back")} title=${t("bulletin.back")} onClick=${() => step(-1)}>◀</button>
      <${When} />
      <button aria-label=${t("bulletin.on")} title=${t("bulletin.on")} onClick=${() => step(1)}>▶</button>
    </span>
    <select aria-label=${t("bulletin.department")} value=${department.value} onChange=${(event) => (department.value = event.target.value)}>
      <option value="">${t("bulletin.all")}</option>
      ${[...new Set([...departments, department.value])].filter(Boolean).map((one) => html`<option value=${one} selected=${one === department.value}>${one}</option>`)}
    </select>
    <span class="group files small">
      ${["water", "air"].map((part) => html`<span>${t(`bulletin.${part}.short`)} ${["csv", "xlsx"].map((form) => html` <a href=${file(part, form)} download>${form.toUpperCase()}</a>`)}</span>`)}
    </span>
    <button onClick=${copy}>${t(copied.value ? "bulletin.copied" : "bulletin.copy")}</button>
    <button class="primary" onClick=${() => print()}>${t("bulletin.print")}</button>
  </div>`;
}

/** A field that knows the period: browsers without a month's field still take it as text. */
function When() {
  const type = { day: "date", month: "month", year: "number" }[kind.value];
  return html`<input type=${type} value=${shown.value} aria-label=${t("bulletin.date")} min=${type === "number" ? 1990 : undefined} max=${type === "number" ? 2099 : undefined} onChange=${(event) => choose(event.target.value)} />`;
}

async function copy() {
  const link = new URL(address.value, location.href).href;
  try {
    await navigator.clipboard.writeText(link);
    copied.value = true;
    setTimeout(() => (copied.value = false), 2000);
  } catch {
    // Without a secure context there is no clipboard: the reader copies by hand.
    prompt(t("bulletin.copy"), link);
  }
}

await session();
render(html`<${Facts} />`, document.getElementById("facts"));
render(html`<${Banner} />`, document.getElementById("banner"));
render(html`<${Page} />`, document.getElementById("bulletin-page"));
watchAlarms();
listen(take, load);
await start();
effect(() => {
  history.replaceState(null, "", address.value);
  read();
});
await load();
