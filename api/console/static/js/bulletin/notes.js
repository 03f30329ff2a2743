/** What could not be judged and why, what was judged with something missing, and by which editions: the end of the bulletin. */
import { html } from "../vendor.js";
import { full } from "../format.js";
import { site } from "../site.js";
import { streams } from "../state.js";
import { t } from "../words.js";
import { air, water } from "./data.js";
import { kind } from "./period.js";
import { missing, own, stationName } from "./words.js";

/** A property's name in the page's language, from whichever station has it. @param {string} code */
function named(code) {
  for (const one of streams.value.values()) if (one.property === code) return own(one, "name") || code;
  return code;
}

export function Notes() {
  const found = [...ofWater(), ...ofAir()];
  return html`<section aria-labelledby="notes-title">
    <h2 id="notes-title">${t("bulletin.notes")}</h2>
    ${found.length ? html`<ul class="notes">${found.map((line) => html`<li>${line}</li>`)}</ul>` : html`<p class="mute">${t("bulletin.notes.none")}</p>`}
  </section>`;
}

function ofWater() {
  const found = water.value.now ?? [];
  const silent = found.filter((one) => one.value === null);
  const partial = found.filter((one) => one.value !== null && one.missing.length);
  const lines = silent.map((one) => html`<b>${stationName(one)}</b> ${own(one, "text")}`);
  return [...lines, ...partial.map((one) => html`<b>${stationName(one)}</b> ${t("bulletin.partial", { names: missing(one, named) })}`)];
}

/** Of each station: how many cells have no index, and what was missing how often. */
function ofAir() {
  return [...(air.value.course ?? new Map()).values()].flatMap((cells) => {
    const gone = cells.filter((one) => one.value === null && Date.parse(one.to) <= Date.now());
    if (!gone.length) return [];
    const count = new Map();
    for (const code of gone.flatMap((one) => one.missing)) count.set(code, (count.get(code) ?? 0) + 1);
    const why = [...count].map(([code, n]) => `${named(code)} ${n}`).join(t("bulletin.comma"));
    const word = kind.value === "day" ? "bulletin.gone.hours" : "bulletin.gone.days";
    return [html`<b>${stationName(cells[0])}</b> ${t(word, { n: gone.length, all: cells.length, why })}`];
  });
}

export function Sources() {
  const all = [...(water.value.now ?? []), ...(air.value.now ?? []), ...[...(air.value.course ?? new Map()).values()].flat()];
  const clauses = [...new Set(all.map((one) => one.clause).filter(Boolean).flatMap((text) => text.split("; ")))];
  return html`<footer class="sources small">
    <p>${t("bulletin.sources")}${clauses.join(t("bulletin.semicolon")) || "–"}</p>
    <p>${t("bulletin.how")}</p>
    <p>${t("bulletin.made", { at: `${full(Date.now())} UTC${site.offset}`, zone: site.zone })}</p>
  </footer>`;
}
