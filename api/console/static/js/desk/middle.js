/** Map or stations: two views of the same middle. */
import { html, signal, useEffect, useRef } from "../vendor.js";
import { Drawing } from "../drawings.js";
import { Level, State } from "../shapes.js";
import { Stations } from "../stations.js";
import { t } from "../words.js";

export const middle = signal(localStorage.getItem("desk-middle") === "stations" ? "stations" : "map");
const map = signal(null);
const problem = signal("");

/** @param {"map" | "stations"} name */
export function show(name) {
  middle.value = name;
  localStorage.setItem("desk-middle", name);
}

/** @param {{wall?: boolean}} props */
export function Middle({ wall = false }) {
  const here = wall ? "map" : middle.value;
  return html`<section class="middle" aria-label=${t("desk.middle")}>
    ${!wall && html`<div class="tabs" role="tablist">${["map", "stations"].map((name) => html`<button role="tab" aria-selected=${here === name} onClick=${() => show(name)}>${t(`desk.${name}`)}</button>`)}</div>`}
    <div class="place ${here === "map" ? "" : "hidden"}"><${Place} wall=${wall} /></div>
    ${here === "stations" && html`<${Stations} />`}
  </section>`;
}

function Place({ wall }) {
  const box = useRef(null);
  useEffect(() => {
    import("./map.js")
      .then(({ openMap }) => openMap(box.current))
      .then(
        (made) => (map.value = made),
        (error) => (problem.value = String(error.message ?? error)),
      );
  }, []);
  return html`<div id="desk-map" ref=${box} tabindex=${wall ? -1 : 0} role="application" aria-label=${t("desk.map.help")}></div>
    ${problem.value && html`<div class="over"><${Drawing} kind="failed" text=${t("desk.map.failed", { why: problem.value })} /></div>`}
    ${!map.value && !problem.value && html`<div class="over"><${Drawing} kind="loading" text=${t("loading")} /></div>`}
    ${map.value && !wall && html`<div class="map-tools" role="group" aria-label=${t("desk.map")}>
      <button aria-label=${t("desk.in")} title=${t("desk.in")} onClick=${() => map.value.zoom(1)}>+</button><button aria-label=${t("desk.out")} title=${t("desk.out")} onClick=${() => map.value.zoom(-1)}>−</button><button aria-label=${t("desk.all")} title=${t("desk.all")} onClick=${() => map.value.fit()}>◎</button>
    </div>`}
    <div class="map-legend"><span><${State} state="online" />${t("desk.normal")}</span>${[1, 2, 3, 4].map((level) => html`<span><${Level} level=${level} /></span>`)}<span><${State} state="silent" />${t("state.silent")}</span><span><${State} state="offline" />${t("state.offline")}</span></div>`;
}

/** Frame everything again: walls do so by themselves. */
export const fit = () => map.value?.fit();
