/** Photos before and after the work, side by side, and adding one. */
import { html, useState } from "../vendor.js";
import { keyed, request } from "../http.js";
import { me } from "../state.js";
import { has, t } from "../words.js";
import { Picture, pictures } from "./evidence.js";
import { joined } from "./missing.js";

const ROLES = ["after", "before", ""];
const word = (role) => t({ after: "page.after", before: "page.before" }[role] ?? "page.other");

export function Photos({ whole, again }) {
  const photos = pictures(whole.evidence).all.filter((one) => one.kind === "photo");
  const groups = [["before", photos.filter((one) => one.role === "before")], ["after", photos.filter((one) => one.role === "after")], ["", photos.filter((one) => !["before", "after"].includes(one.role))]];
  return html`<section class="card">
    <header><h2>${t("page.photos")}</h2></header>
    <div>
      ${!photos.length && html`<p class="small mute">${t("page.photos.none")}</p>`}
      <div class="photos">${groups.map(([role, list]) => list.length > 0 && html`<h3>${word(role)}</h3>${list.map((one) => html`<${Picture} key=${one.sha256} piece=${one} word="evidence.photo" />`)}`)}</div>
      ${me.value.role !== "viewer" && html`<${Add} whole=${whole} again=${again} />`}
    </div>
  </section>`;
}

function Add({ whole, again }) {
  const [role, setRole] = useState("after");
  const [said, setSaid] = useState({ text: "", bad: false });
  const send = async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    try {
      const key = keyed()(file.name);
      const answer = await (await request(`/v1/incidents/${whole.id}/evidence?role=${role}`, { method: "POST", body: file, headers: { "Content-Type": file.type, "Idempotency-Key": key } })).json();
      const warnings = answer.warnings.map((one) => (has(`photo.${one}`) ? t(`photo.${one}`) : one));
      setSaid({ text: warnings.length ? t("page.warning", { what: joined(warnings) }) : t("page.added"), bad: false });
      again();
    } catch (error) {
      setSaid({ text: error.message, bad: true });
    }
    event.target.value = "";
  };
  return html`<div class="inline adding">
    <label class="inline">${t("page.role")} <select value=${role} onChange=${(event) => setRole(event.target.value)}>${ROLES.map((one) => html`<option value=${one}>${word(one)}</option>`)}</select></label>
    <label class="inline">${t("page.add")} <input type="file" accept="image/jpeg,image/png,image/webp" onChange=${send} /></label>
    ${said.text && html`<p class="small ${said.bad ? "c1" : "mute"}" role="status">${said.text}</p>`}
  </div>`;
}
