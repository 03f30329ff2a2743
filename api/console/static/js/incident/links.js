/** Links of field staff to this incident: who has one, what came of it, and giving or ending one. */
import { html, useEffect, useState } from "../vendor.js";
import { when } from "../format.js";
import { get, post, request } from "../http.js";
import { t } from "../words.js";
import { nameOf, usePeople } from "./explain.js";

export function Links({ whole }) {
  const people = usePeople();
  const [links, setLinks] = useState(null);
  const [person, setPerson] = useState("");
  const [fresh, setFresh] = useState("");
  const [problem, setProblem] = useState("");
  const path = `/v1/incidents/${whole.id}/links`;
  const refused = (error) => setProblem(error.message);
  const read = () => get(path).then(({ items }) => setLinks(items), refused);
  useEffect(() => void read(), [path, whole.version]);
  const give = () => post(path, { person }).then((made) => (setFresh(made.url), setProblem(""), read()), refused);
  const end = (who) => request(`${path}?person=${encodeURIComponent(who)}`, { method: "DELETE" }).then(read, refused);
  return html`<section class="card">
    <header><h2>${t("page.links")}</h2></header>
    <div>
      ${problem && html`<p class="c1 small" role="alert">${problem}</p>`}
      ${links && !links.length && html`<p class="small mute">${t("page.links.none")}</p>`}
      <ul class="lines">${(links ?? []).map((one) => html`<li><span>${t("page.link", { person: one.person, state: state(one) })}</span>${!one.revoked && html`<button class="small" onClick=${() => end(one.person)}>${t("page.link.end")}</button>`}</li>`)}</ul>
      ${people.length > 0 && html`<div class="inline"><select aria-label=${t("page.link.person")} value=${person} onChange=${(event) => setPerson(event.target.value)}><option value="">–</option>${people.map((one) => html`<option value=${one.id}>${nameOf(one)}</option>`)}</select><button disabled=${!person} onClick=${give}>${t("page.link.new")}</button></div>`}
      ${fresh && html`<p class="small" role="status">${t("page.link.shown")}<br /><input readonly value=${fresh} aria-label=${t("page.links")} onFocus=${(event) => event.target.select()} /></p>`}
    </div>
  </section>`;
}

const state = (one) => (one.revoked ? t("page.link.revoked") : one.acted ? t("page.link.acted", { at: when(one.acted) }) : one.opened ? t("page.link.opened", { at: when(one.opened) }) : t("page.link.waits"));
