/** The ground points as a table: the pixel, the place, and how far each misses; in metres or in degrees, all alike. */
import { html, signal } from "../vendor.js";
import { number } from "../format.js";
import { t } from "../words.js";
import { change, chosen, draft, tool, worth } from "./draft.js";
import { perDegree } from "./plane.js";

const LIMIT = 0.05;
const FORMS = { metres: ["east", "north"], degrees: ["lon", "lat"] };
const form = signal("");

/** As many digits as a tape or a receiver gives. */
const short = (value, name) => (value == null ? "" : Number(value.toFixed(FORMS.degrees.includes(name) ? 7 : 2)));

const formOf = () => form.value || (draft.value.ground.some((one) => one.lon != null) ? "degrees" : "metres");

/** Every place in the other form, where it is known what the metres' zero is. @param {string} next @param {any} camera */
function convert(next, camera) {
  form.value = next;
  const from = next === "degrees" ? FORMS.metres : FORMS.degrees;
  const whole = draft.value.ground.filter((one) => from.every((name) => Number.isFinite(one[name])));
  if (!whole.length) return;
  change((one) => {
    const zero = one.origin ?? (next === "metres" ? ["lon", "lat"].map((name) => whole.reduce((sum, point) => sum + point[name], 0) / whole.length) : camera.lon == null ? null : [camera.lon, camera.lat]);
    if (!zero) return;
    const scale = perDegree(zero[1]);
    one.origin = zero;
    one.ground = one.ground.map(({ x, y, ...place }) => {
      const values = from.map((name) => place[name]);
      if (!values.every(Number.isFinite)) return { x, y };
      const [a, b] = next === "degrees" ? values.map((value, n) => Number((zero[n] + value / scale[n]).toFixed(7))) : values.map((value, n) => Number(((value - zero[n]) * scale[n]).toFixed(2)));
      return { x, y, [FORMS[next][0]]: a, [FORMS[next][1]]: b };
    });
  });
}

function Row({ point, index, names }) {
  const miss = worth.value?.calibration.residuals[index];
  const own = chosen.value?.kind === "ground" && chosen.value.index === index;
  const put = (name, text) => change((one) => {
    const other = names.find((each) => each !== name);
    const { x, y } = one.ground[index];
    const [value, kept] = [text === "" ? undefined : Number(text), one.ground[index][other]];
    one.ground[index] = { x, y, ...(Number.isFinite(kept) && { [other]: kept }), ...(Number.isFinite(value) && { [name]: value }) };
  });
  const choose = () => (chosen.value = { kind: "ground", index, corner: -1 });
  return html`<tr class=${own ? "own" : ""} onFocusIn=${choose}><th scope="row">${index + 1}</th><td class="small mute">${Math.round(point.x)}, ${Math.round(point.y)}</td>
    ${names.map((name) => html`<td><input type="number" step="any" aria-label=${t("cameras.setup.of_point", { what: t(`cameras.setup.${name}`), n: index + 1 })} value=${short(point[name], name)} onChange=${(event) => put(name, event.target.value)} /></td>`)}
    <td class=${`right ${miss?.share > LIMIT ? "c1" : ""}`}>${miss?.share == null ? "–" : html`${number(Math.round(miss.share * 1000) / 10)} %<br /><span class="small">${number(miss.metres)} m</span>`}</td>
    <td><button type="button" class="quiet" aria-label=${t("cameras.setup.remove_point", { n: index + 1 })} onClick=${() => change((one) => one.ground.splice(index, 1))}>✕</button></td></tr>`;
}

/** @param {{camera: any}} props */
export function Ground({ camera }) {
  const { ground } = draft.value;
  const names = FORMS[formOf()];
  const worst = worth.value?.calibration.worst_residual;
  const place = () => ([tool.value, chosen.value] = [tool.value === "ground" ? "" : "ground", null]);
  return html`<div class="actions"><button type="button" aria-pressed=${tool.value === "ground"} onClick=${place}>+ ${t("cameras.setup.place_point")}</button>
      <div class="forms" role="group" aria-label=${t("cameras.setup.form")}>${Object.keys(FORMS).map((one) => html`<button type="button" class="quiet" aria-pressed=${formOf() === one} onClick=${() => convert(one, camera)}>${t(`cameras.setup.form.${one}`)}</button>`)}</div></div>
    ${ground.length > 0 && html`<table class="points"><thead><tr><th>#</th><th>${t("cameras.setup.pixel")}</th>${names.map((name) => html`<th>${t(`cameras.setup.${name}`)}</th>`)}<th class="right">${t("cameras.setup.residual")}</th><th><span class="unseen">${t("cameras.setup.remove")}</span></th></tr></thead>
      <tbody>${ground.map((point, index) => html`<${Row} key=${index} point=${point} index=${index} names=${names} />`)}</tbody></table>`}
    <p class="small ${ground.length && ground.length < 4 ? "c2" : "mute"}">${ground.length === 0 ? t("cameras.setup.no_ground") : ground.length < 4 ? t("cameras.setup.more_points", { n: 4 - ground.length }) : worst == null ? t("cameras.setup.no_fit") : t("cameras.setup.worst", { n: number(Math.round(worst * 1000) / 10) })}</p>
    ${ground.length === 4 && html`<p class="small mute">${t("cameras.setup.four_fit")}</p>`}`;
}
