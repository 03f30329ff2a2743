/** The task of one person at one incident: what, where, what to do next; works without signal. */
import { Outbox } from "./outbox.js";
import { knowsPlace, metres, place, sha256, shrink, ways } from "./phone.js";

const given = (id) => JSON.parse(document.getElementById(id).textContent);
const words = given("words");
const site = given("site");
const lang = document.documentElement.lang;
const zh = lang.startsWith("zh");
const token = location.pathname.split("/").pop();
const KEPT = `task ${token}`;

let task = newest(given("task"));
let entries = [];
let reached = navigator.onLine;
let lasts = true;
let busy = "";
let note = "";
let here = null;

/** @param {string} key @param {Record<string, string | number>} [values] */
function t(key, values = {}) {
  const text = words[key];
  if (text === undefined) throw new Error(`no words for ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** An element. @param {string} tag @param {Record<string, any>} [marks] @param {...(Node | string | null)} inside */
function el(tag, marks = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(marks)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...inside.filter((one) => one !== null && one !== ""));
  return made;
}

const clock = new Intl.DateTimeFormat(lang, { timeZone: site.zone, hour: "2-digit", minute: "2-digit", hour12: false });
const day = new Intl.DateTimeFormat(lang, { timeZone: site.zone, month: "2-digit", day: "2-digit" });

function when(time) {
  const moment = new Date(time);
  const today = day.format(Date.now()) === day.format(moment);
  return today ? clock.format(moment) : `${day.format(moment)} ${clock.format(moment)}`;
}

function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 3600) return t("task.minutes", { n: Math.floor(whole / 60) });
  if (whole < 86400) return t("task.hours", { n: Math.floor(whole / 3600) });
  return t("task.days", { n: Math.floor(whole / 86400) });
}

const far = (distance) => (distance < 1000 ? `${Math.round(distance)} m` : `${(distance / 1000).toFixed(1)} km`);
const ago = (time) => t("task.ago", { span: span((Date.now() - Date.parse(time)) / 1000) });

/** The newer of what the server wrote into the page and what the phone was told last: the page may come from its cache. */
function newest(written) {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "null");
    return kept && kept.now > written.now ? kept : written;
  } catch {
    return written;
  }
}

function learn(told) {
  reached = true;
  if (!told || told.now < task.now) return;
  task = told;
  try {
    localStorage.setItem(KEPT, JSON.stringify(told));
  } catch {
    lasts = false;
  }
}

const outbox = new Outbox(token, lang, (now) => { entries = now; draw(); }, (told, answer) => {
  learn(told);
  note = (answer.warnings ?? []).map((word) => t(`task.warn.${word}`)).join(" ");
  draw();
});

async function refresh() {
  try {
    const answer = await fetch(`/v1/tasks/${token}`, { headers: { "Accept-Language": lang } });
    if (answer.status === 404 || answer.status === 410) {
      localStorage.removeItem(KEPT);
      location.reload();
      return;
    }
    if (answer.ok) learn(await answer.json());
  } catch {
    reached = false;
  }
  draw();
}

/* What stands: what the hub knows, and what waits on this phone. */

const waits = (action) => entries.find((one) => one.action === action && !one.refused);
const mark = (action, known) => known ?? (waits(action) ? { at: new Date(waits(action).done).toISOString(), waits: true } : null);
const photos = (role) => [
  ...task.photos.filter((one) => one.role === role),
  ...entries.filter((one) => one.action === "photo" && one.body.role === role && !one.refused).map((one) => ({ ...one.body, blob: one.photo, waits: true, id: one.id })),
];

function standing() {
  const accepted = mark("accept", task.accepted);
  const arrived = mark("check-in", task.arrived);
  const done = mark("done", task.delivered);
  const declined = waits("decline");
  return { accepted, arrived, done, declined, over: task.over || Boolean(declined) };
}

let calm = 0;

/** A second tap on the same spot must not do what stands there by then. @param {() => void} work */
const once = (work) => () => {
  if (performance.now() < calm) return;
  calm = performance.now() + 700;
  work();
};

async function act(action, body = {}, photo) {
  busy = action;
  draw();
  await outbox.add(action, body, photo);
  busy = "";
  draw();
}

/* The page, from top to bottom. */

function head() {
  const age = el("span", {}, ago(task.since));
  const shape = { 1: "M6 1h8l5 5v8l-5 5H6l-5-5V6z", 2: "M10 1l9 17H1z", 3: "M10 0l10 10-10 10L0 10z", 4: "M10 1a9 9 0 1 1 0 18a9 9 0 0 1 0-18z" }[task.level];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", shape);
  svg.append(path);
  const roman = ["", "I", "II", "III", "IV"][task.level];
  return el("header", { class: `l${task.level}` },
    el("p", {}, svg, el("span", {}, t("task.level", { roman })), el("span", { class: "number" }, task.number), age),
    el("h1", {}, task.title));
}

function banners() {
  const waiting = entries.filter((one) => !one.refused);
  const shown = [];
  if (!reached) shown.push(banner("warn", waiting.length ? t("task.no_signal_waits", { n: waiting.length }) : t("task.no_signal")));
  else if (waiting.length) shown.push(banner("warn", t("task.sending", { n: waiting.length })));
  if (!lasts) shown.push(banner("warn", t("task.keep_open")));
  if (!isSecureContext) shown.push(banner("", t("task.insecure")));
  if (note) shown.push(banner("warn", note));
  for (const one of entries.filter((each) => each.refused)) {
    const gone = el("button", { type: "button", onclick: () => outbox.forget(one.id) }, t("task.understood"));
    shown.push(el("div", { class: "banner bad", role: "alert" }, el("p", {}, t("task.refused", { action: t(`task.did.${one.action}`) }), " ", one.refused), gone));
  }
  return shown;
}

const banner = (kind, text) => el("div", { class: `banner ${kind}`, role: "status" }, el("p", {}, text));

function facts() {
  const rows = [[t("task.what"), task.reading || t("task.see_text")]];
  const to = task.place;
  if (to) {
    const away = here ? metres(here, to) : 0;
    const distance = here ? `${away < 30 + here.accuracy_m ? t("task.here") : far(away)} · ` : "";
    rows.push([t("task.where"), el("button", { type: "button", class: "link", onclick: () => open_(wayForm()) }, `${distance}${t("task.navigate")} ›`), task.place_name]);
  } else {
    rows.push([t("task.where"), task.place_name || "–"]);
  }
  rows.push([t("task.since"), `${when(task.since)}`]);
  if (task.text) rows.push([t("task.said"), task.text]);
  const due = !standing().arrived ? ["task.arrive_by", task.arrive_by] : ["task.solve_by", task.solve_by];
  if (due[1] && !standing().done) {
    const left = (Date.parse(due[1]) - Date.now()) / 1000;
    const text = left >= 0 ? t("task.left", { time: when(due[1]), span: span(left) }) : t("task.late", { time: when(due[1]), span: span(-left) });
    rows.push([t(due[0]), el("b", { class: left < 0 ? "bad" : "" }, text)]);
  }
  const lines = rows.map(([name, value, below]) => el("div", {}, el("dt", {}, name), el("dd", {}, value, below ? el("small", {}, below) : null)));
  return el("section", { class: "card", "aria-label": t("task.facts") }, el("dl", {}, ...lines));
}

function picture() {
  if (!task.picture) return null;
  return el("figure", { class: "card" },
    el("img", { src: `/v1/tasks/${token}/picture`, alt: t("task.picture", { time: when(task.picture.captured ?? task.since) }), width: 640, height: 360 }),
    el("figcaption", {}, t("task.picture", { time: when(task.picture.captured ?? task.since) })));
}

/** A person's name with the id beside it; the id alone where no name is known. @param {string} id */
const called = (id) => (task.names?.[id] ? `${task.names[id]} (${id})` : id);

function steps() {
  const { accepted, arrived, done, over } = standing();
  const kept = (one, more = "") => (one ? [when(one.at), one.waits ? t("task.waits") : one.by && one.by !== task.person ? called(one.by) : "", more].filter(Boolean).join(" ") : "");
  const way = task.arrived ? (task.arrived.by_hand ? t("task.by_hand") : t("task.inside", { m: task.arrived.accuracy_m ?? "?" })) : "";
  const both = t("task.photos_so_far", { before: photos("before").length, after: photos("after").length });
  const list = [
    [t("task.step.accept"), accepted, kept(accepted)],
    [t("task.step.arrive"), arrived, kept(arrived, way)],
    [t("task.step.treat"), done, done ? kept(done) : both],
    [t("task.step.check"), task.solved, task.solved ? kept(task.solved) : t(`task.check.${task.check}`)],
  ];
  const current = over ? -1 : list.findIndex(([, did]) => !did);
  return el("section", { class: "card", "aria-label": t("task.steps") }, el("ol", { class: "steps" }, ...list.map(([name, did, small], place) =>
    el("li", { class: did ? (did.waits ? "waits" : "done") : place === current ? "now" : "", "aria-current": place === current ? "step" : null },
      el("i", { "aria-hidden": "true" }), el("span", {}, el("b", {}, name), " ", el("small", {}, small ?? ""))))));
}

const seen = new Map();
const urlOf = (one) => {
  if (!one.blob) return `/v1/tasks/${token}/evidence/${one.sha256}`;
  if (!seen.has(one.sha256)) seen.set(one.sha256, URL.createObjectURL(one.blob));
  return seen.get(one.sha256);
};

function tiles() {
  if (!standing().accepted) return null;
  return el("section", { class: "card photos", "aria-label": t("task.photos") }, tile("before"), tile("after"));
}

function tile(role) {
  const taken = photos(role);
  const last = taken.at(-1);
  const name = t(`task.photo.${role}`);
  const input = el("input", { type: "file", accept: "image/*", capture: "environment", id: `photo-${role}`, onchange: (event) => photographed(role, event.target) });
  const inside = last
    ? [el("img", { src: urlOf(last), alt: name, loading: "lazy" }), el("span", {}, `${t(`task.short.${role}`)} ${when(last.captured)}${last.waits ? ` · ${t("task.waits")}` : ""}`, taken.length > 1 ? ` (${taken.length})` : "")]
    : [el("span", {}, busy === `photo-${role}` ? t("task.reading") : `+ ${name}`)];
  return el("label", { class: last ? "tile has" : "tile", "aria-busy": busy === `photo-${role}` ? "true" : null }, standing().over ? null : input, ...inside, last ? el("span", { class: "more" }, `+ ${t("task.another")}`) : null);
}

async function photographed(role, input) {
  const file = input.files[0];
  input.value = "";
  if (!file) return;
  busy = `photo-${role}`;
  note = "";
  draw();
  const at = await place(6);
  here = at ?? here;
  const captured = Math.min(file.lastModified || Date.now(), Date.now());
  const where = at ? ` ${at.lon.toFixed(5)}, ${at.lat.toFixed(5)} ±${at.accuracy_m} m` : "";
  const blob = await shrink(file, `${task.number} ${when(captured)}${where}`);
  busy = "";
  if (blob === null) {
    note = t("task.no_photo");
    draw();
    return;
  }
  await act("photo", { role, sha256: await sha256(blob), captured: new Date(captured).toISOString(), ...(at ?? {}) }, blob);
}

/* What can be done now. */

function foot() {
  const { accepted, arrived, done, over, declined } = standing();
  if (over || done) {
    const said = declined ? t("task.declined") : task.over ? t(`task.over.${task.over}`) : t("task.thanks");
    return el("footer", {}, el("p", { role: "status" }, said), call());
  }
  const quiet = el("button", { type: "button", onclick: () => open_(accepted ? helpForm() : declineForm()) }, t(accepted ? "task.help" : "task.decline"));
  const next = !accepted ? ["accept", () => act("accept")] : !arrived ? ["arrive", arrive] : ["done", () => open_(doneForm())];
  const primary = el("button", { type: "button", class: "primary", id: "next", disabled: Boolean(busy), onclick: once(next[1]) }, busy === "check-in" ? t("task.locating") : t(`task.next.${next[0]}`));
  return el("footer", {}, quiet, primary);
}

const call = () => (site.phone ? el("a", { class: "button", href: `tel:${site.phone}` }, t("task.call", { phone: site.phone })) : null);

async function arrive() {
  busy = "check-in";
  draw();
  const at = await place();
  busy = "";
  here = at ?? here;
  const away = at && task.place ? metres(at, task.place) : 0;
  if (at && (!task.place || away <= task.fence_m + Math.min(at.accuracy_m, task.fence_m))) {
    await act("check-in", at);
    return;
  }
  draw();
  open_(handForm(at, away));
}

/* Sheets. */

const sheet = document.getElementById("sheet");

function open_(inside) {
  sheet.replaceChildren(inside);
  sheet.showModal();
}

sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());

/** A form in a sheet; `send` is given its fields and closes it. */
function form(title, inside, label, send) {
  const done = (event) => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.target));
    sheet.close();
    send(fields);
  };
  const back = el("button", { type: "button", onclick: () => sheet.close() }, t("task.back"));
  return el("form", { onsubmit: done, "aria-label": title }, el("h2", {}, title), ...inside,
    el("div", { class: "ends" }, back, label ? el("button", { type: "submit", class: "primary" }, label) : null));
}

function asking(label, name, quick = []) {
  const area = el("textarea", { name, rows: 3, required: true, maxlength: 500 });
  const chips = quick.map((word) => el("button", { type: "button", class: "chip", onclick: () => { area.value = t(word); } }, t(word)));
  return el("div", {}, el("label", {}, label, area), chips.length ? el("div", { class: "chips" }, ...chips) : null);
}

function wayForm() {
  const list = ways(task.place, task.place_name || task.title).map(([name, href]) => el("a", { class: "button", href }, t(`task.way.${name}`)));
  const position = `${task.place.lat.toFixed(6)}, ${task.place.lon.toFixed(6)}`;
  return form(t("task.navigate"), [el("p", {}, task.place_name), el("div", { class: "list" }, ...list), el("p", { class: "small" }, t("task.position", { position }))], null, () => undefined);
}

function handForm(at, away) {
  const why = at ? t("task.too_far", { distance: far(away), fence: far(task.fence_m) }) : t(knowsPlace() ? "task.no_place" : "task.no_place_here");
  const quick = ["task.hand.position", "task.hand.bank", "task.hand.blocked"];
  return form(t("task.hand"), [el("p", {}, why), asking(t("task.reason"), "reason", quick)], t("task.next.arrive"), (fields) => act("check-in", { ...(at ?? {}), ...fields }));
}

function doneForm() {
  const missing = ["before", "after"].filter((role) => !photos(role).length).map((role) => t(`task.photo.${role}`));
  const causes = el("select", { name: "cause_code", required: true }, el("option", { value: "" }, t("task.choose")), ...task.causes.map(([code, name]) => el("option", { value: code }, name)));
  if (task.check === "photo" && !photos("after").length) {
    return form(t("task.photo.after"), [el("p", {}, t("task.photo_first"))], t("task.take_photo"), () => document.getElementById("photo-after").click());
  }
  const warning = missing.length ? el("p", { class: "warn" }, t("task.photos_missing", { what: missing.join(zh ? "、" : ", ") })) : null;
  return form(t("task.next.done"), [warning ?? "", asking(t("task.did_what"), "text", ["task.quick.cleared", "task.quick.normal"]), el("label", {}, t("task.cause"), causes)], t("task.next.done"), (fields) => act("done", fields));
}

function declineForm() {
  return form(t("task.decline"), [el("p", {}, t("task.decline_says")), asking(t("task.reason"), "reason", ["task.no.busy", "task.no.far", "task.no.kit"])], t("task.decline"), (fields) => act("decline", fields));
}

function helpForm() {
  const leave = standing().arrived ? null : el("button", { type: "button", onclick: () => open_(declineForm()) }, t("task.decline"));
  const inside = [call() ?? "", asking(t("task.help_says"), "text", ["task.ask.people", "task.ask.tools", "task.ask.police"]), leave ?? ""];
  sheet.close();
  return form(t("task.help"), inside, t("task.send"), (fields) => act("help", fields));
}

/* Drawing. */

/** Before it is accepted what is wrong comes first; on the way and on site what is to be done. */
function parts() {
  const shown = standing().accepted ? [facts(), steps(), tiles(), picture()] : [facts(), picture(), steps()];
  return [...banners(), ...shown];
}

function draw() {
  const focus = document.activeElement?.id;
  document.getElementById("page").replaceChildren(head(), el("main", {}, ...parts().filter(Boolean)), foot());
  if (focus) document.getElementById(focus)?.focus();
}

async function begin() {
  draw();
  entries = await outbox.entries();
  lasts = await outbox.lasts();
  draw();
  await outbox.send();
  await refresh(); // also tells the hub that a person, and not the preview of a messenger, has opened it
  addEventListener("online", refresh);
  addEventListener("offline", () => { reached = false; draw(); });
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  setInterval(() => document.hidden || sheet.open || refresh(), 60000);
  const allowed = knowsPlace() && (await navigator.permissions?.query({ name: "geolocation" }).catch(() => null));
  if (allowed && allowed.state === "granted") here = await place(6);
  draw();
}

/** From here on the page opens without signal too. */
async function settle() {
  if (!("serviceWorker" in navigator)) return;
  const { active, installing, waiting } = await navigator.serviceWorker.register("/t/worker.js", { scope: "/t/" });
  const parts = [...document.querySelectorAll("link[rel=stylesheet], script[src], link[rel=modulepreload]")].map((one) => one.href || one.src);
  const worker = active ?? waiting ?? installing;
  worker.postMessage([location.pathname, ...parts, ...(task.picture ? [`/v1/tasks/${token}/picture`] : [])]);
}

await begin();
settle().catch(() => draw());
