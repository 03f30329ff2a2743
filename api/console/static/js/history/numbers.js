/** The chart's numbers as a table: for those who read with their ears, and for those who want the figure itself. */
import { html, useState } from "../vendor.js";
import { number } from "../format.js";
import { t } from "../words.js";
import { windowName } from "./axis.js";
import { courses } from "./load.js";
import { nameOf, quality, shownUnit } from "./scene.js";
import { lines, view } from "./view.js";

const MOST = 400;

export function Numbers() {
  const [open, setOpen] = useState(false);
  const all = lines.value.map((line) => ({ line, course: courses.value.get(line.key) })).filter((one) => one.course);
  if (!all.length) return null;
  return html`<details class="history-numbers card" onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary>${t("history.numbers")}</summary>
    ${open && html`<${Table} all=${all} />`}
  </details>`;
}

function Table({ all }) {
  const times = [...new Set(all.flatMap(({ course }) => course.at))].sort((a, b) => a - b);
  const places = all.map(({ course }) => new Map(course.at.map((at, place) => [at, place])));
  return html`
    ${times.length > MOST && html`<p class="small mute">${t("history.numbers.more", { n: MOST, all: times.length })}</p>`}
    <div class="scroll" tabindex="0">
      <table class="list">
        <thead><tr><th scope="col">${t("history.time")}</th>${all.map(({ line }) => html`<th scope="col" class="right">${nameOf(line)} <span class="mute">${shownUnit(line)}</span></th>`)}</tr></thead>
        <tbody>
          ${times.slice(0, MOST).map((at) => html`<tr>
            <th scope="row">${windowName(at, view.value.step)}</th>
            ${all.map(({ course }, index) => html`<td class="right">${cell(course, places[index].get(at))}</td>`)}
          </tr>`)}
        </tbody>
      </table>
    </div>
  `;
}

function cell(course, place) {
  if (place === undefined) return "–";
  const words = quality(course, place);
  const value = course.mean[place];
  const shown = course.kind === "pixels" && value !== null ? `${number(course.low[place])}–${number(course.high[place])}` : number(value);
  return words ? html`${shown} <small class="mute">${words}</small>` : shown;
}
