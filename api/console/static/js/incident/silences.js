/** Silences that keep quiet about this incident: owner, reason, end; ending one before its time. */
import { html, useEffect, useState } from "../vendor.js";
import { full } from "../format.js";
import { get, post } from "../http.js";
import { me, touched } from "../state.js";
import { NUMERALS } from "../shapes.js";
import { t } from "../words.js";

/** @param {{whole?: any}} props Without an incident all that hold. */
export function Silences({ whole }) {
  const [items, setItems] = useState(null);
  const [problem, setProblem] = useState("");
  const read = () => get("/v1/silences?active=true&limit=200").then((found) => (setItems(found.items), setProblem("")), (error) => setProblem(error.message));
  useEffect(() => void read(), [touched.value, whole?.version]);
  const mine = (items ?? []).filter((one) => !whole || covers(one.matcher, whole));
  return html`<section class="card">
    <header><h2>${t("page.silences")}</h2></header>
    <div>
      ${problem && html`<p class="c1 small" role="alert">${problem}</p>`}
      ${items && !mine.length && html`<p class="small mute">${t("page.silences.none")}</p>`}
      <ul class="lines">${mine.map((one) => html`<li key=${one.id}><span>${t("page.silence", { owner: one.owner, reason: one.reason, ends: full(one.ends) })} <span class="mute small">${Object.values(one.matcher).join("/")} · ${t("silence.level", { level: NUMERALS[one.level] })}</span></span>${me.value.role !== "viewer" && html`<button class="small" onClick=${() => post(`/v1/silences/${one.id}/end`, {}).then(read, (error) => setProblem(error.message))}>${t("page.silences.end")}</button>`}</li>`)}</ul>
    </div>
  </section>`;
}

/** Shell patterns with * and ?, as the hub reads them. */
function covers(matcher, whole) {
  const said = { ...whole.target, incident: whole.id, type: whole.type, area: whole.area ?? "" };
  return Object.entries(matcher).every(([word, pattern]) => new RegExp(`^${pattern.replace(/[.+^${}()|\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".")}$`).test(said[word] ?? ""));
}
