/** The right column: the one chosen vehicle or station. */
import { html, useEffect, useState } from "../vendor.js";
import { Chart } from "../chart.js";
import { age, number, unitText, when } from "../format.js";
import { get } from "../http.js";
import { propertyName } from "../names.js";
import { now } from "../now.js";
import { Level, State } from "../shapes.js";
import { t } from "../words.js";
import { about, marks, stateNow, values } from "./marks.js";
import { Journey } from "./journey.js";
import { picked } from "./view.js";

const FRESH = 10_000;
const HIDDEN = new Set(["lon", "lat", "frame_bytes"]);

/** @param {{locate: (at: number[]) => void, fitTrack: (track: any) => void}} props */
export function Detail({ locate, fitTrack }) {
  const mark = marks.value.find((one) => one.key === picked.value);
  if (!mark) return html`<p class="empty">${t("map.choose")}</p>`;
  const state = stateNow(mark);
  return html`<article class="incident" aria-label=${mark.name}>
    <div>
      <h2 class="map-name">${mark.name}</h2>
      <p class="small mute"><${State} state=${state} /> ${t(`state.${state}`)} · ${mark.last ? t("map.heard", { age: age((now.value - mark.last) / 1000) }) : t("age.never")} · ${mark.key}</p>
    </div>
    ${mark.alerts.length > 0 && html`<${Alerts} list=${mark.alerts} />`}
    ${mark.kind === "vehicle" ? html`<${Vehicle} mark=${mark} locate=${locate} /><${Journey} fitTrack=${fitTrack} />` : html`<${Station} mark=${mark} locate=${locate} />`}
  </article>`;
}

function Alerts({ list }) {
  return html`<ul class="card map-alerts">
    ${list.map(
      (one) => html`<li>
        <${Level} level=${one.level} />
        <span><b>${about(one)}</b> ${one.value === null ? "" : `${number(one.value)} ${unitText(one.unit)}`}</span>
        <span class="mute small">${when(one.breach_start)} · ${t(`condition.${one.condition}`)}</span>
        ${one.incident && html`<a class="small" href=${`/?incident=${one.incident}`}>${t("map.incident")}</a>`}
      </li>`,
    )}
  </ul>`;
}

function Vehicle({ mark, locate }) {
  const [told, setTold] = useState(null);
  const tick = Math.floor(now.value / FRESH);
  useEffect(() => {
    let current = true;
    get(`/v1/vehicles/${mark.key}`).then((found) => current && setTold(found), () => undefined);
    return () => (current = false);
  }, [mark.key, tick]);
  const by = values.value.get(mark.key)?.by ?? new Map();
  const known = told && `${told.department}/${told.kind}/${told.device}` === mark.key ? told : {};
  const read = (name) => by.get(name)?.value ?? known[name];
  const load = known.load ? t(`map.load.${known.load}`) : "–";
  const rows = [
    [t("map.speed"), read("speed") === undefined || read("speed") === null ? "–" : `${Math.round(read("speed"))} km/h`],
    [t("map.heading"), mark.heading === null ? "–" : `${Math.round(mark.heading)}°`],
    [t("map.load"), load],
    [t("map.mileage"), known.mileage === null || known.mileage === undefined ? "–" : `${number(known.mileage)} km`],
    [t("map.driver"), known.driver ?? "–"],
    [t("map.waybill"), known.waybill ?? "–"],
    [t("map.position"), html`<${Position} mark=${mark} at=${by.get("lon")?.time ?? known.position_time} locate=${locate} />`],
  ];
  return html`<dl class="card facts-list map-facts">${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function Position({ mark, at, locate }) {
  if (!mark.place) return t("map.noplace");
  const [lon, lat] = mark.place;
  return html`<button class="quiet small plain-link" onClick=${() => locate(mark.place)}>${lat.toFixed(5)}, ${lon.toFixed(5)}</button>
    ${at ? html` <span class="mute small">${when(at)}</span>` : ""}${mark.fixed ? "" : html` <span class="c2 small">${t("map.unfixed")}</span>`}`;
}

function Station({ mark, locate }) {
  const own = [...(values.value.get(mark.key)?.by.values() ?? [])].filter((one) => !HIDDEN.has(one.property));
  const ringing = mark.alerts.find((one) => one.target.property)?.target.property;
  const [chosen, setChosen] = useState("");
  const property = own.find((one) => one.property === chosen) ?? own.find((one) => one.property === ringing) ?? own[0];
  const [department, kind, device] = mark.key.split("/");
  return html`
    <div class="card map-values">
      <table>
        <tbody>
          ${own.map(
            (one) => html`<tr class=${one === property ? "here" : ""}>
              <th scope="row"><button class="quiet small plain-link" onClick=${() => setChosen(one.property)}>${propertyName(one)}</button></th>
              <td class="strong">${number(one.value)} <span class="mute small">${unitText(one.unit)}</span></td>
              <td class="mute small">${age((now.value - Date.parse(one.time)) / 1000)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
      ${!own.length && html`<p class="empty">${t("age.never")}</p>`}
    </div>
    ${property && html`<${Chart} target=${{ department, kind, device, property: property.property }} limit=${limitOf(mark, property)} unit=${unitText(property.unit)} refresh=${Math.floor(now.value / FRESH)} />`}
    <dl class="card facts-list map-facts"><dt>${t("map.position")}</dt><dd><${Position} mark=${mark} locate=${locate} /></dd></dl>
  `;
}

const limitOf = (mark, property) => mark.alerts.find((one) => one.target.property === property.property)?.limit ?? undefined;
