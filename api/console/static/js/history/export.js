/** Files of exactly what is shown. */
import { html, useState } from "../vendor.js";
import { t } from "../words.js";
import { asked } from "./limit.js";
import { limitOf } from "./load.js";
import { lines, span, view } from "./view.js";

const FORMS = ["csv", "xlsx", "parquet"];

/** The address of a file. @param {string} what @param {string} form */
export function address(what, form) {
  const { step, valid, compare } = view.value;
  const { from, to } = span.value;
  const all = lines.value;
  const words = {
    stations: [...new Set(all.map((line) => line.station))].join(","),
    property: [...new Set(all.map((line) => line.property))].join(","),
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    format: form,
  };
  const limits = [...new Set(all.map((line) => asked(limitOf(line.key))))];
  const paths = {
    data: step === "raw" ? ["observations", valid ? { valid: "true" } : {}] : ["series", { every: step, agg: "mean,min,max,count,count_all,completeness" }],
    table: ["summary", { with: compare || "last_year", ...(limits.length === 1 && limits[0] && { limit: limits[0] }) }],
    compare: ["compare", { with: compare || "last_year", every: step === "raw" ? "1h" : step }],
  };
  const [path, more] = paths[what];
  return `/v1/${path}?${new URLSearchParams({ ...words, ...more })}`;
}

export function Download() {
  const [open, setOpen] = useState(false);
  if (!lines.value.length) return null;
  const list = ["data", "table", ...(view.value.compare ? ["compare"] : [])];
  return html`<div class="history-download" onKeyDown=${(event) => event.key === "Escape" && setOpen(false)}>
    <button aria-expanded=${open} onClick=${() => setOpen(!open)}>${t("history.download")} CSV / XLSX / Parquet</button>
    ${open && html`<div class="history-menu">
      ${list.map((what) => html`<div><span>${t(`history.file.${what}`)}</span>${FORMS.map((form) => html`<a class="button" href=${address(what, form)} download onClick=${() => setOpen(false)}>${form === "parquet" ? "Parquet" : form.toUpperCase()}</a>`)}</div>`)}
    </div>`}
  </div>`;
}
