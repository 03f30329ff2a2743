/** Surface water: each section's class, whether it keeps its target, what is over, and how it changed. */
import { html } from "../vendor.js";
import { t } from "../words.js";
import { key, water } from "./data.js";
import { kind, lastYear } from "./period.js";
import { Said, Standing, className, own, percent, stationName } from "./words.js";

const RANKS = { I: 0, II: 0, III: 1, IV: 2, V: 3, worse: 4 };
const GOOD = ["I", "II", "III"];

export function Water() {
  const found = water.value;
  const ready = found.state === "ready" && found.now.length > 0;
  return html`<section aria-labelledby="water-title">
    <h2 id="water-title">${t("bulletin.water")}</h2>
    ${ready ? html`<${Summary} found=${found} /><${Table} found=${found} />` : html`<${Standing} state=${found.state} empty=${t("bulletin.water.none")} />`}
  </section>`;
}

function Summary({ found }) {
  const judged = found.now.filter((one) => one.value !== null);
  const good = judged.filter((one) => GOOD.includes(one.value)).length;
  const worse = judged.filter((one) => one.value === "worse").length;
  const aimed = judged.filter((one) => one.meets_target !== null);
  const met = aimed.filter((one) => one.meets_target).length;
  const share = (n) => (judged.length ? percent(n / judged.length) : "–");
  return html`<p class="lead">
    ${t("bulletin.water.count", { all: found.now.length, judged: judged.length, good, good_share: share(good), worse, worse_share: share(worse) })}
    ${aimed.length > 0 && t("bulletin.water.targets", { met, all: aimed.length })}
    ${found.whole && own(found.whole, "word") && html` ${t("bulletin.water.whole")}<b><${Said} one=${found.whole} /></b>`}
  </p>`;
}

function Table({ found }) {
  const heads = ["section", "grade", "quality", "target", "main", "before", ...(lastYear.value ? ["year"] : []), "coverage"];
  return html`<div class="wide"><table class="sheet">
    <thead><tr>${heads.map((name) => html`<th scope="col" class=${name === "coverage" ? "right" : ""}>${t(name === "before" ? `bulletin.before.${kind.value}` : `bulletin.${name}`)}</th>`)}</tr></thead>
    <tbody>${found.now.map((one) => html`<${Row} key=${key(one)} one=${one} before=${found.before.get(key(one))} year=${found.year.get(key(one))} />`)}</tbody>
  </table></div>`;
}

function Row({ one, before, year }) {
  return html`<tr>
    <th scope="row">${stationName(one)}</th>
    <td class="strong nowrap">${className(one.value)}</td>
    <td><${Said} one=${one} /></td>
    <td class="nowrap"><${Target} one=${one} /></td>
    <td>${own(one, "main").join(t("bulletin.comma")) || "–"}</td>
    <td class="nowrap"><${Change} one=${one} other=${before} /></td>
    ${lastYear.value && html`<td class="nowrap"><${Change} one=${one} other=${year} /></td>`}
    <td class="right">${percent(one.coverage)}</td>
  </tr>`;
}

function Target({ one }) {
  if (!one.target) return html`<span class="mute">–</span>`;
  const held = one.meets_target === null ? "" : t(one.meets_target ? "bulletin.met" : "bulletin.unmet");
  return html`${className(one.target)} <span class=${one.meets_target === false ? "c1 strong" : "mute"}>${held}</span>`;
}

/** By levels of quality, as the measures have it: one level is a change, two are a marked one. */
function Change({ one, other }) {
  if (!other || other.value === null) return html`<span class="mute">–</span>`;
  if (one.value === null) return className(other.value);
  const by = RANKS[one.value] - RANKS[other.value];
  const word = by === 0 ? "same" : `${by < 0 ? "better" : "worse"}.${Math.abs(by) > 1 ? "much" : "some"}`;
  const sign = by === 0 ? "" : by < 0 ? "↑ " : "↓ ";
  return html`${className(other.value)} <span class=${by > 0 ? "c2" : "mute"}>${sign}${t(`bulletin.change.${word}`)}</span>`;
}
