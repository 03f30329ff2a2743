/** A month of a camera: a row a day, a column an hour; seen, blind and offline told apart by pattern too, and what may be said of it. */
import { html, useEffect, useState } from "../vendor.js";
import { get } from "../http.js";
import { number } from "../format.js";
import { lang, site } from "../site.js";
import { Drawing } from "../drawings.js";
import { t } from "../words.js";
import { Legend, parts } from "./hours.js";
import { causeWord, named } from "./said.js";
import { useSeen } from "./wall.js";

const [CELL, ROW, LEFT, TOP] = [20, 13, 34, 16];
const place = new Intl.DateTimeFormat("en-CA", { timeZone: site.zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const title = new Intl.DateTimeFormat(lang, { timeZone: "UTC", year: "numeric", month: "long" });

/** Day, month and hour of a time in the site's zone. */
function placed(time) {
  const found = Object.fromEntries(place.formatToParts(new Date(time)).map((part) => [part.type, part.value]));
  return { month: `${found.year}-${found.month}`, day: Number(found.day), hour: Number(found.hour), shown: `${found.year}-${found.month}-${found.day}T${found.hour}:${found.minute}:00Z` };
}

/** The first moment of a month in the site's zone, with its offset then. @param {string} month yyyy-mm */
function begins(month) {
  const plain = Date.parse(`${month}-01T00:00:00Z`);
  return plain - (Date.parse(placed(plain).shown) - plain);
}

/** @param {string} month @param {number} step */
function stepped(month, step) {
  const [year, number] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + step, 1)).toISOString().slice(0, 7);
}

const hoursOf = (seconds) => number(Math.round(seconds / 360) / 10);

/** What may be said: of the time seen, and of that alone. */
function Saying({ total }) {
  const whole = { seen: hoursOf(total.seen_s), unseen: hoursOf(total.blind_s + total.offline_s), n: total.debris_events };
  const word = { found: "cameras.month.found", none: "cameras.month.none", unknown: "cameras.month.unknown" }[total.debris];
  return html`<p class="saying">${t(word, whole)}</p>`;
}

function Sums({ total }) {
  const causes = Object.entries(total.causes).sort((a, b) => b[1] - a[1]).slice(0, 4);
  return html`<dl class="sums">
    ${["seen", "blind", "offline"].map((kind) => html`<div><dt><svg viewBox="0 0 18 10" aria-hidden="true"><rect width="18" height="10" class="cover-${kind}" /></svg>${t(`cameras.cover.${kind}`)}</dt>
      <dd><b>${number(total[`${kind}_percent`])} %</b> ${t("cameras.hours", { n: hoursOf(total[`${kind}_s`]) })}${kind === "blind" && causes.length > 0 && html`<span class="small mute">${causes.map(([cause, seconds]) => `${causeWord(cause)} ${t("cameras.hours", { n: hoursOf(seconds) })}`).join(" · ")}</span>`}</dd></div>`)}
  </dl>`;
}

function Grid({ items, month, label }) {
  const days = new Date(Number(month.slice(0, 4)), Number(month.slice(5)), 0).getDate();
  const cells = items.map((one) => ({ one, ...placed(one.from) })).filter((cell) => cell.month === month);
  const [width, height] = [LEFT + 24 * CELL, TOP + days * ROW];
  return html`<svg class="grid" viewBox="0 0 ${width} ${height}" role="img" aria-label=${label}>
    ${[0, 6, 12, 18].map((hour) => html`<text x=${LEFT + hour * CELL + 1} y="11">${String(hour).padStart(2, "0")}:00</text>`)}
    ${Array.from({ length: days }, (_, n) => n + 1).map((day) => (day === 1 || day % 5 === 0) && html`<text x=${LEFT - 6} y=${TOP + day * ROW - 3} class="end">${day}</text>`)}
    <rect class="ahead" x=${LEFT} y=${TOP} width=${24 * CELL} height=${days * ROW} />
    ${cells.map(({ one, day, hour }) => {
      const [x, y] = [LEFT + hour * CELL, TOP + (day - 1) * ROW];
      return html`<g>${parts(one, ROW - 1).map((part) => html`<rect class="cover-${part.kind}" x=${x} y=${y + part.y} width=${CELL - 1} height=${part.high} />`)}
        ${one.debris_events > 0 && html`<path class="cover-debris" d="M${x + 9.5} ${y + 2}l4 4-4 4-4-4z" />`}
        <title>${t("cameras.month.cell", { day, hour: String(hour).padStart(2, "0"), seen: number(one.seen_percent), blind: number(one.blind_percent), offline: number(one.offline_percent) })}</title></g>`;
    })}
  </svg>`;
}

/** The same in figures, a row a day, for who does not see the picture or wants to copy it. */
function Figures({ items, month }) {
  const days = new Map();
  for (const one of items) {
    const at = placed(one.from);
    if (at.month !== month) continue;
    const sum = days.get(at.day) ?? { seen: 0, blind: 0, offline: 0 };
    for (const kind of ["seen", "blind", "offline"]) sum[kind] += one[`${kind}_s`];
    days.set(at.day, sum);
  }
  return html`<details><summary>${t("cameras.month.figures")}</summary><table class="list"><thead><tr><th>${t("cameras.month.day")}</th>${["seen", "blind", "offline"].map((kind) => html`<th class="right">${t(`cameras.cover.${kind}`)} (h)</th>`)}</tr></thead>
    <tbody>${[...days].map(([day, sum]) => html`<tr><td>${day}</td>${["seen", "blind", "offline"].map((kind) => html`<td class="right">${hoursOf(sum[kind])}</td>`)}</tr>`)}</tbody></table></details>`;
}

/** @param {{camera: any, month: string}} props */
export function Month({ camera, month }) {
  const [where, seen] = useSeen();
  const [found, put] = useState(null);
  const [problem, fails] = useState(null);
  useEffect(() => {
    if (!seen || found?.month === month) return;
    const [from, to] = [begins(month), begins(stepped(month, 1))].map((time) => new Date(time).toISOString());
    put(null);
    get(`/v1/patrol/coverage?camera=${encodeURIComponent(camera.station)}&from=${from}&to=${to}&every=1h&zone=${encodeURIComponent(site.zone)}`).then((answer) => (put({ ...answer.cameras[0], month }), fails(null)), fails);
  }, [camera.station, month, seen]);
  const inside = problem ? html`<${Drawing} kind=${problem.status === 403 ? "forbidden" : "failed"} text=${problem.message} />`
    : !found ? html`<${Drawing} kind="loading" text=${t("cameras.loading")} />`
    : !found.items.length ? html`<${Drawing} kind="empty" text=${t("cameras.month.empty")} />`
    : html`<div class="month"><${Grid} items=${found.items} month=${month} label=${t("cameras.month.label", { camera: named(camera), month: title.format(new Date(`${month}-01`)), seen: number(found.total.seen_percent), blind: number(found.total.blind_percent), offline: number(found.total.offline_percent) })} />
      <div><${Saying} total=${found.total} /><${Sums} total=${found.total} /><${Figures} items=${found.items} month=${month} /></div></div>`;
  return html`<section class="card" ref=${where} aria-label=${named(camera)}><header><h2>${named(camera)}</h2></header><div>${inside}</div></section>`;
}

/** @param {{cameras: any[]}} props */
export function Months({ cameras }) {
  const today = placed(Date.now()).month;
  const [month, turn] = useState(new URLSearchParams(location.search).get("month") ?? today);
  const go = (step) => {
    const next = stepped(month, step);
    turn(next);
    history.replaceState(null, "", `?view=month&month=${next}`);
  };
  return html`<div class="bar"><div class="turn"><button type="button" aria-label=${t("cameras.month.before")} onClick=${() => go(-1)}>‹</button><b aria-live="polite">${title.format(new Date(`${month}-01`))}</b>
      <button type="button" aria-label=${t("cameras.month.after")} disabled=${month >= today} onClick=${() => go(1)}>›</button></div><${Legend} /></div>
    <p class="mute">${t("cameras.month.lead")}</p>
    <div class="months">${cameras.map((camera) => html`<${Month} key=${camera.station} camera=${camera} month=${month} />`)}</div>`;
}
