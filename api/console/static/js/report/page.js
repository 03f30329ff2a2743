/** A form for what people tell the duty desk: it becomes an incident, or joins the one it is. */
import { Problem, get, post, request, session } from "../http.js";
import { t } from "../words.js";
import { zh } from "../site.js";

const TYPES = ["debris", "discharge", "colour", "dead_fish", "fishing", "odour", "smoke", "oil", "damage", "hazmat", "flood", "other"];
const page = document.getElementById("page");

/** @param {string} tag @param {Record<string, any>} [marks] @param {...(Node | string)} inside */
function el(tag, marks = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(marks)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...inside);
  return made;
}

const labelled = (word, field) => el("label", {}, t(word), field);
const chosen = (name, words, value, required = false) => {
  const field = el("select", { name, required }, ...words.map(([key, text]) => el("option", { value: key }, text)));
  field.value = value;
  return field;
};

async function stations() {
  const { items } = await get("/v1/stations?limit=1000");
  const named = (one) => (zh ? one.name_zh : one.name_en) || one.device;
  return items.filter((one) => one.kind !== "vehicle").map((one) => [`${one.department}/${one.kind}/${one.device}`, named(one)]);
}

const told = el("div", { role: "status", class: "report-told" });

function form(places) {
  const words = (names, prefix) => names.map((one) => [one, t(`${prefix}.${one}`)]);
  const made = el("form", { class: "report" },
    labelled("report.source", chosen("source", words(["hotline", "grid", "patrol", "other"], "report.source"), "hotline")),
    labelled("report.outside", el("input", { name: "outside", maxlength: 64, autocomplete: "off" })),
    labelled("report.type", chosen("type", words(TYPES, "report.type"), "debris", true)),
    labelled("report.level", chosen("level", words(["1", "2", "3", "4"], "report.level"), "3")),
    labelled("report.text", el("textarea", { name: "text", rows: 4, required: true, maxlength: 2000 })),
    labelled("report.station", chosen("station", [["", t("report.no_station")], ...places], "")),
    labelled("report.place", el("input", { name: "place", maxlength: 200 })),
    labelled("report.point", el("input", { name: "point", placeholder: "121.60000, 29.95000", pattern: "\\s*-?[0-9.]+\\s*[,\\uff0c]\\s*-?[0-9.]+\\s*" })),
    labelled("report.crs", chosen("crs", words(["wgs84", "gcj02", "bd09"], "report.crs"), "wgs84")),
    labelled("report.reporter", el("input", { name: "reporter", maxlength: 64, autocomplete: "off" })),
    labelled("report.phone", el("input", { name: "phone", type: "tel", maxlength: 32, autocomplete: "off" })),
    labelled("report.photo", el("input", { name: "photo", type: "file", accept: "image/jpeg,image/png,image/webp" })),
    el("button", { type: "submit", class: "primary" }, t("report.send")));
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    send(made);
  });
  return made;
}

function bodyOf(made) {
  const given = Object.fromEntries([...new FormData(made)].filter(([name, value]) => name !== "photo" && value !== ""));
  const { point, level, ...rest } = given;
  const body = { ...rest, level: Number(level) };
  if (!point) return body;
  const [lon, lat] = point.split(/[,\uff0c]/).map(Number);
  return { ...body, lon, lat };
}

/** @param {HTMLFormElement} made @param {string} [same] the number of the incident it is, or "new" */
async function send(made, same) {
  const button = made.querySelector("button");
  button.disabled = true;
  try {
    const report = await post("/v1/reports", { ...bodyOf(made), ...(same ? { same_as: same } : {}) });
    const kept = await photo(made, report.id);
    const link = el("a", { class: "button", href: `/incidents/${encodeURIComponent(report.number)}` }, t("report.open"));
    told.replaceChildren(el("p", { class: "cok" }, t(report.same ? "report.joined" : "report.done", { number: report.number }), " ", kept), link);
    made.reset();
  } catch (error) {
    if (error instanceof Problem && error.similar) offer(made, error.similar);
    else told.replaceChildren(el("p", { class: "c1" }, error.message));
  } finally {
    button.disabled = false;
  }
}

function offer(made, similar) {
  const lines = similar.map((one) => {
    const away = one.distance_m === null ? t("report.away_unknown") : t("report.away", { m: one.distance_m });
    const pick = el("button", { type: "button", onclick: () => send(made, one.number) }, t("report.same", { number: one.number }));
    return el("li", {}, el("span", {}, t("report.alike_one", { number: one.number, text: one.text || one.type, away })), pick);
  });
  const fresh = el("button", { type: "button", onclick: () => send(made, "new") }, t("report.new"));
  told.replaceChildren(el("h2", {}, t("report.alike")), el("ul", {}, ...lines), fresh);
  fresh.focus();
}

async function photo(made, report) {
  const file = made.elements.photo.files[0];
  if (!file) return "";
  await request(`/v1/reports/${report}/photos`, { method: "POST", body: file, headers: { "Content-Type": file.type || "image/jpeg" } });
  return t("report.photo_kept");
}

await session();
page.replaceChildren(el("section", { class: "report-page" }, el("h1", {}, t("report.title")), el("p", { class: "mute" }, t("report.lead")), form(await stations()), told));
