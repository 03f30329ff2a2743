/** Why somebody was, or was not, told. */
import { html, useEffect, useState } from "../vendor.js";
import { when } from "../format.js";
import { get } from "../http.js";
import { zh } from "../site.js";
import { t } from "../words.js";

export const nameOf = (one) => (zh ? one.name_zh || one.name_en : one.name_en || one.name_zh) || one.id;

/** The people of the register, once a page. */
let asked = null;
export function usePeople() {
  const [people, setPeople] = useState([]);
  useEffect(() => {
    asked ??= get("/v1/people").catch(() => ({ items: [] }));
    asked.then(({ items }) => setPeople(items));
  }, []);
  return people;
}

export function Explain({ whole }) {
  const people = usePeople();
  const [person, setPerson] = useState("");
  const [items, setItems] = useState(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    if (!person) return undefined;
    let current = true;
    get(`/v1/incidents/${whole.id}/explain?person=${person}`).then((found) => current && (setItems(found.items), setProblem("")), (error) => current && setProblem(error.message));
    return () => (current = false);
  }, [person, whole.version]);
  return html`<section class="card">
    <header><h2>${t("page.explain")}</h2></header>
    <div>
      ${!people.length && html`<p class="small mute">${t("page.explain.nobody")} <a href="/people">${t("page.explain.register")}</a></p>`}
      ${people.length > 0 && html`<label>${t("page.explain.who")}<select name="explain" value=${person} onChange=${(event) => setPerson(event.target.value)}><option value="">–</option>${people.map((one) => html`<option value=${one.id}>${nameOf(one)}</option>`)}</select></label>`}
      ${problem && html`<p class="c1 small" role="alert">${problem}</p>`}
      ${person && items && !items.length && html`<p class="small mute">${t("page.explain.nothing")}</p>`}
      ${person && items && html`<ul class="lines explained">${items.map((one) => html`<li><span><b class=${one.told ? "cok" : "c2"}>${t(one.told ? "page.explain.told" : "page.explain.not")}</b> ${when(one.at)}</span><span>${zh ? one.zh : one.en}</span></li>`)}</ul>`}
    </div>
  </section>`;
}
