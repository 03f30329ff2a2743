/** The table: each line's period in one row, sorted by any column; a row opens the list of its exceedances. */
import { html } from "../vendor.js";
import { full, number } from "../format.js";
import { t } from "../words.js";
import { asked, text } from "./limit.js";
import { courses, limitOf, problems, rows } from "./load.js";
import { Runs } from "./runs.js";
import { colourOf, nameOf, shownUnit } from "./scene.js";
import { lines, show, view } from "./view.js";

const percent = (value) => (value === null || value === undefined ? "–" : `${(100 * value).toFixed(1)} %`);
const hours = (value) => (value === null || value === undefined ? "–" : value ? `${number(value)} h` : "–");
const change = (value) => (value === null || value === undefined ? "–" : `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)} %`);

/** With less of the other period than this there is nothing to compare with. */
const LITTLE = 0.1;

/** Column: its key in the answer, and how its cell is written. */
const COLUMNS = [
  ["mean", (row) => number(row.mean)],
  ["p95", (row) => number(row.p95)],
  ["max", (row) => html`${number(row.max)} ${row.max_time && html`<small class="mute">${full(row.max_time).slice(5, 16)}</small>`}`],
  ["days_over", (row) => row.days_over ?? "–"],
  ["hours_over", (row) => hours(row.hours_over)],
  ["longest_run", (row) => hours(row.longest_run)],
  ["completeness", (row) => percent(row.completeness)],
  ["percent", (row) => html`<span class=${row.percent > 0 && row.worse ? "c1" : ""} title=${row.other_completeness < 0.75 ? t("history.other.partial", { n: Math.round(100 * row.other_completeness) }) : ""}>${change(row.other_completeness === null || row.other_completeness >= LITTLE ? row.percent : null)}${row.percent !== null && row.other_completeness >= LITTLE && row.other_completeness < 0.75 ? " *" : ""}</span>`],
];

export function Table() {
  const [by, down] = [view.value.sort.replace(/^-/, ""), view.value.sort.startsWith("-")];
  const list = [...lines.value];
  const value = (line) => (by === "name" ? nameOf(line) : (rows.value.get(line.key)?.[by] ?? -Infinity));
  if (by) list.sort((a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0) * (down ? -1 : 1));
  const back = view.value.compare || "last_year";
  const same = new Set(lines.value.map(shownUnit)).size === 1 ? shownUnit(lines.value[0]) : "";
  const sorted = (name) => (by === name ? (down ? "descending" : "ascending") : "none");
  const head = (name, words) => html`<th scope="col" class=${name === "name" ? "" : "right"} aria-sort=${sorted(name)}><button onClick=${() => show({ sort: by === name ? (down ? "" : `-${name}`) : name }, true)}>${words}${by === name ? (down ? " ↓" : " ↑") : ""}</button></th>`;
  return html`<div class="history-table card" role="region" aria-label=${t("history.table")} tabindex="0"><table>
    <thead><tr>
      ${head("name", t("history.station"))}
      ${COLUMNS.map(([name]) => head(name, name === "percent" ? t(`history.column.${back}`) : t(`history.column.${name}`, { unit: same })))}
    </tr></thead>
    <tbody>${list.map((line) => html`<${Row} key=${line.key} line=${line} />`)}</tbody>
  </table>
  <${Notes} /></div>`;
}

function Row({ line }) {
  const row = rows.value.get(line.key);
  const open = view.value.open === line.key;
  const limit = limitOf(line.key);
  const over = row?.over > 0;
  // More is worse where the limit is a greatest value.
  const worse = asked(limit).startsWith("le:");
  return html`
    <tr>
      <th scope="row"><i style=${{ background: colourOf(line) }}></i>${over ? html`<button class="plain-link" aria-expanded=${open} onClick=${() => show({ open: open ? "" : line.key })}>${nameOf(line)}</button>` : nameOf(line)}</th>
      ${row && row.count ? COLUMNS.map(([name, cell]) => html`<td class=${name === "days_over" && row.days_over ? "strong" : ""}>${cell({ ...row, worse })}</td>`) : html`<td class="history-words" colspan=${COLUMNS.length}>${words(line, row)}</td>`}
    </tr>
    ${open && over && html`<tr class="history-runs"><td colspan=${COLUMNS.length + 1}><${Runs} line=${line} limit=${asked(limit)} name=${text(limit, shownUnit(line))} /></td></tr>`}
  `;
}

/** What is said of a line without numbers. */
function words(line, row) {
  if (problems.value.has(line.key)) return t("history.row.failed");
  if (row === undefined) return t("loading");
  const course = courses.value.get(line.key);
  return row && row.count_all ? t("history.row.invalid", { n: row.count_all }) : course || row === null ? t("history.row.none") : t("loading");
}

/** What has to be known to read the numbers. */
function Notes() {
  const first = lines.value.find((line) => limitOf(line.key));
  const partial = [...rows.value.values()].filter((row) => row && row.completeness !== null && row.completeness < 0.75);
  const weak = [...rows.value.values()].some((row) => row?.percent !== null && row?.other_completeness >= LITTLE && row.other_completeness < 0.75);
  return html`<p class="history-note small mute">
    <span>${t("history.note.mean")}</span>
    ${first && html`<span>${t("history.note.over", { limit: text(limitOf(first.key), shownUnit(first)) })}</span>`}
    ${partial.length > 0 && html`<span class="c2">${t("history.note.partial", { n: partial.length })}</span>`}
    ${weak && html`<span>* ${t("history.note.other")}</span>`}
  </p>`;
}
