/** Each time that a limit was broken: from when to when, how long, and the worst value. */
import { html, useEffect, useState } from "../vendor.js";
import { full, number } from "../format.js";
import { t } from "../words.js";
import { runs } from "./ask.js";
import { shownUnit } from "./scene.js";
import { show, span } from "./view.js";

export function Runs({ line, limit, name }) {
  const [found, setFound] = useState(null);
  const [problem, setProblem] = useState("");
  const { from, to } = span.value;
  useEffect(() => {
    let current = true;
    setFound(null);
    runs(line, { from, to }, limit).then(
      (answer) => current && (setFound(answer), setProblem("")),
      (error) => current && setProblem(error.message),
    );
    return () => (current = false);
  }, [line.key, limit, from, to]);
  if (problem) return html`<p class="failed" role="alert">${problem}</p>`;
  if (!found) return html`<p class="mute loading">${t("loading")}</p>`;
  return html`
    <p class="small mute">${t("history.runs", { n: found.total, limit: name })}${found.total > found.items.length ? ` ${t("history.runs.more", { n: found.items.length })}` : ""}</p>
    <ul>
      ${found.items.map((one) => html`<li>
        <button class="plain-link" title=${t("history.runs.show")} onClick=${() => around(one)}>${full(one.start)}</button> ${t("history.until")} <time>${full(one.end)}</time>
        <span>${number(one.hours)} h</span> <span>${t("history.worst", { value: `${number(one.worst)} ${shownUnit(line)}`, time: full(one.worst_time) })}</span>
      </li>`)}
    </ul>
  `;
}

/** Show the run on the chart, with as much before and after it. */
function around(one) {
  const [from, to] = [Date.parse(one.start), Date.parse(one.end)];
  const more = Math.max(to - from, 6 * 3_600_000);
  show({ zoom: [from - more, to + more], step: "raw" });
}
