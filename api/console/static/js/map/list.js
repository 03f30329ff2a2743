/** The list beside the map: everything that is drawn, for keyboard and screen reader; it stands when the map does not. */
import { html, signal, useEffect } from "../vendor.js";
import { age } from "../format.js";
import { now } from "../now.js";
import { Level, State } from "../shapes.js";
import { loaded } from "../state.js";
import { t } from "../words.js";
import { about, KINDS, marks, stateNow, wanted } from "./marks.js";
import { pick, picked, query, shown } from "./view.js";

const FEW = 100;
const many = signal(FEW);

export function List() {
  useEffect(() => {
    many.value = FEW;
  }, [query.value, shown.value]);
  const found = wanted.value;
  return html`
    <div class="map-filters">
      <input type="search" value=${query.value} placeholder=${t("map.search")} aria-label=${t("map.search")} onInput=${(event) => (query.value = event.target.value)} />
      <div class="chips" role="group" aria-label=${t("map.show")}>
        ${["all", "alerts", ...KINDS].map((name) => html`<${Chip} key=${name} name=${name} />`)}
      </div>
    </div>
    <${Rows} found=${found} />
  `;
}

function Chip({ name }) {
  const count = marks.value.filter((one) => name === "all" || (name === "alerts" ? one.level : one.kind === name)).length;
  if (!count && !["all", "alerts"].includes(name)) return null;
  const word = ["all", "alerts"].includes(name) ? t(`map.show.${name}`) : t(`stations.${name}`);
  return html`<button class="quiet small" aria-pressed=${shown.value === name} onClick=${() => (shown.value = name)}>${word} <b>${count}</b></button>`;
}

function Rows({ found }) {
  if (loaded.value === "loading") return html`<p class="empty loading">${t("loading")}</p>`;
  if (loaded.value !== "ready") return html`<p class="failed" role="alert">${t("failed", { why: loaded.value })}</p>`;
  if (!found.length) return html`<p class="empty">${t(shown.value === "alerts" && !query.value ? "map.none.alerts" : "map.none")}</p>`;
  return html`
    <ul id="map-list" aria-label=${t("map.list")}>
      ${found.slice(0, many.value).map((one) => html`<${Row} key=${one.key} mark=${one} />`)}
    </ul>
    ${found.length > many.value && html`<p class="more"><button onClick=${() => (many.value += 200)}>${t("map.more", { n: found.length - many.value })}</button></p>`}
  `;
}

function Row({ mark }) {
  const state = stateNow(mark);
  const [worst] = mark.alerts;
  const words = [t(`stations.${mark.kind}`), t(`state.${state}`), worst && about(worst), !mark.place && t("map.noplace")].filter(Boolean);
  return html`<li>
    <button class="row" data-mark=${mark.key} aria-current=${picked.value === mark.key} onClick=${() => pick(mark.key)}>
      ${worst ? html`<${Level} level=${worst.level} />` : html`<${State} state=${state} />`}
      <span class="title"><b>${mark.name}</b></span>
      <span class="age">${mark.last ? age((now.value - mark.last) / 1000) : ""}</span>
      <span class="where">${words.join(" · ")}</span>
    </button>
  </li>`;
}
