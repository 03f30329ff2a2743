/** The forms: a person in fields, a change of duty, a calendar; what has many parts as its own words. */
import { html, signal } from "../vendor.js";
import { zh } from "../site.js";
import { t } from "../words.js";
import { calendar, called, edit, editing, kept, mistakes, override, remove, save, SORTS, titled } from "./state.js";

const FIELDS = ["name_zh", "name_en", "department", "login", "phone", "mail"];
const sort = signal("people");

const value = (form, name) => form.elements.namedItem(name)?.value.trim() ?? "";
const clean = (body) => Object.fromEntries(Object.entries(body).filter(([, each]) => each !== "" && each !== undefined));

function Field({ name, given = "", type = "text", ...more }) {
  return html`<div><label for=${`people-${name}`}>${t(`people.field.${name}`)}</label><input id=${`people-${name}`} name=${name} type=${type} defaultValue=${given} ...${more} /></div>`;
}

function submitPerson(event) {
  event.preventDefault();
  const form = event.target;
  const before = editing.value.body;
  const ways = value(form, "ways").split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
    const [receiver, address = "", wait = ""] = line.split(/\s+/);
    const known = (before.ways ?? []).find((each) => each.receiver === receiver) ?? {};
    return clean({ ...known, receiver, address: address === "-" ? "" : address, wait_s: wait ? Number(wait) : known.wait_s });
  });
  const quiet = value(form, "quiet_from") && value(form, "quiet_to") ? { from: value(form, "quiet_from"), to: value(form, "quiet_to") } : null;
  const digest = [3, 4].filter((level) => form.elements.namedItem(`digest_${level}`).checked);
  const own = Object.fromEntries(FIELDS.map((name) => [name, value(form, name)]));
  save(editing.value.id || value(form, "id"), { ...before, ...own, language: value(form, "language"), ways, quiet, digest });
}

function PersonForm({ body, id }) {
  const ways = (body.ways ?? []).map((way) => [way.receiver, way.address || "-", way.wait_s].join(" ")).join("\n");
  return html`<form onSubmit=${submitPerson} class="fields">
    ${!id && html`<${Field} name="id" required pattern="[a-z0-9][a-z0-9._\\-]*" />`}
    ${FIELDS.map((name) => html`<${Field} name=${name} given=${body[name]} />`)}
    <div><label for="people-language">${t("people.field.language")}</label><select id="people-language" name="language" defaultValue=${body.language ?? "zh"}>
      ${["zh", "en"].map((each) => html`<option value=${each} selected=${each === (body.language ?? "zh")}>${t(`people.language.${each}`)}</option>`)}</select></div>
    <div class="whole"><label for="people-ways">${t("people.field.ways")}</label><textarea id="people-ways" name="ways" rows="3" defaultValue=${ways}></textarea><p class="small mute">${t("people.ways_hint")}</p></div>
    <${Field} name="quiet_from" type="time" given=${body.quiet?.from?.slice(0, 5)} /><${Field} name="quiet_to" type="time" given=${body.quiet?.to?.slice(0, 5)} />
    <fieldset><legend>${t("people.field.digest")}</legend>${[3, 4].map((level) => html`<label class="check"><input type="checkbox" name=${`digest_${level}`} defaultChecked=${(body.digest ?? [4]).includes(level)} /> ${t("people.level", { level })}</label>`)}</fieldset>
    <${Buttons} />
  </form>`;
}

function submitWords(event) {
  event.preventDefault();
  try {
    save(editing.value.id || value(event.target, "id"), JSON.parse(value(event.target, "words")));
  } catch (error) {
    mistakes.value = [error.message];
  }
}

function WordsForm({ body, id }) {
  return html`<form onSubmit=${submitWords} class="fields">
    ${!id && html`<${Field} name="id" required pattern="[a-z0-9][a-z0-9._\\-]*" />`}
    <div class="whole"><label for="people-words">${t("people.field.words")}</label><textarea id="people-words" name="words" class="code" rows="16" spellcheck="false" defaultValue=${JSON.stringify(body, null, 2)}></textarea></div>
    <${Buttons} />
  </form>`;
}

function Buttons() {
  return html`<div class="whole actions">
    <button class="primary" type="submit">${t("people.save")}</button>
    <button type="button" onClick=${() => (editing.value = null)}>${t("people.cancel")}</button>
    ${editing.value.id && html`<button type="button" class="quiet" onClick=${remove}>${t("people.remove")}</button>`}
  </div>`;
}

function submitOverride(event) {
  event.preventDefault();
  const form = event.target;
  const offset = document.getElementById("people-override").dataset.offset;
  const moment = (name) => `${value(form, name)}:00${offset}`;
  override(editing.value.id, clean({ from: moment("from"), to: moment("to"), person: value(form, "person"), instead_of: value(form, "instead_of"), reason: value(form, "reason") }));
}

function Who({ name }) {
  return html`<div><label for=${`people-${name}`}>${t(`people.field.${name}`)}</label><select id=${`people-${name}`} name=${name}><option value="">–</option>
    ${kept.value.people.map((one) => html`<option value=${one.id}>${titled(one, zh)}</option>`)}</select></div>`;
}

export function Override({ offset }) {
  const file = (event) => event.target.files[0] && calendar(editing.value.id, event.target.files[0], editing.value.etag);
  return html`<form id="people-override" data-offset=${offset} onSubmit=${submitOverride} class="fields">
    <h3 class="whole">${t("people.override")}</h3>
    <${Field} name="from" type="datetime-local" required /><${Field} name="to" type="datetime-local" required />
    <${Who} name="person" /><${Who} name="instead_of" /><${Field} name="reason" />
    <div><label for="people-ics">${t("people.calendar_in")}</label><input id="people-ics" type="file" accept=".ics,text/calendar" onChange=${file} /></div>
    <div class="whole actions"><button type="submit">${t("people.add_override")}</button></div>
  </form>`;
}

export function Editor({ offset }) {
  const open = editing.value;
  const items = kept.value[sort.value];
  return html`<section class="card" aria-labelledby="people-edit">
    <header><h2 id="people-edit">${t("people.edit")}</h2></header>
    <div class="tabs" role="tablist">${SORTS.map((each) => html`<button role="tab" type="button" aria-selected=${each === sort.value} onClick=${() => ((sort.value = each), (editing.value = null))}>${t(`people.sort.${each}`)}<b>${kept.value[each].length}</b></button>`)}</div>
    <div class="picks">${items.map((one) => html`<button type="button" class="quiet" aria-pressed=${open?.id === one.id} onClick=${() => edit(sort.value, one.id)}>${sort.value === "people" ? called(one.id, zh) : titled(one, zh)}</button>`)}
      <button type="button" onClick=${() => edit(sort.value, "")}>+ ${t("people.new")}</button></div>
    ${mistakes.value.length > 0 && html`<ul class="failed" role="alert">${mistakes.value.map((one) => html`<li>${one}</li>`)}</ul>`}
    ${open && html`<div key=${`${open.sort} ${open.id} ${open.etag}`}>${open.sort === "people" ? html`<${PersonForm} ...${open} />` : html`<${WordsForm} ...${open} />`}
      ${open.sort === "rosters" && open.id && html`<${Override} offset=${offset} />`}</div>`}
  </section>`;
}
