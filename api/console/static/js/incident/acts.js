/** What an officer can do now, how it is asked, and what is shown when somebody else was quicker. */
import { signal } from "../vendor.js";
import { fill } from "../form.js";
import { get, keyed, post } from "../http.js";
import { incidents, me, put, touched } from "../state.js";
import { zh } from "../site.js";
import { t } from "../words.js";
import { when } from "../format.js";
import { causes, falseCauses } from "./missing.js";
import { said } from "./timeline.js";

export const KEYS = { assign: "D", acknowledge: "A", reject: "F", close: "E", note: "N", reopen: "R", deliver: "V", "check-in": "H", merge: "M", silence: "Q" };
const MACHINE = "hub";

const BY_STATE = {
  detected: ["assign", "acknowledge", "reject", "note", "merge", "silence"],
  verified: ["assign", "acknowledge", "reject", "note", "merge", "silence"],
  acknowledged: ["assign", "close", "reject", "note", "check-in", "merge", "silence"],
  dispatched: ["assign", "close", "note", "reject", "check-in", "merge", "silence"],
  on_site: ["deliver", "close", "assign", "note", "reject", "merge", "silence"],
  verifying: ["close", "note", "reject", "merge", "silence"],
  solved: ["close", "reopen", "note"],
  closed: ["reopen", "note"],
  rejected: ["reopen", "note"],
  self_cleared: ["reopen", "note"],
  merged: ["note"],
};

/** What the incident lets this person do now. @param {any} incident @returns {string[]} */
export function offered(incident) {
  if (!incident || me.value.role === "viewer") return [];
  return BY_STATE[incident.state] ?? [];
}

/** The one next step, "" while the work is somebody else's: the only filled button. @param {any} incident @param {{satisfied: boolean} | undefined} contract */
export function nextStep(incident, contract) {
  const list = offered(incident);
  if (incident.state === "solved" || (contract?.satisfied && list.includes("close") && incident.acknowledged)) return "close";
  if (["detected", "verified", "acknowledged"].includes(incident.state)) return list.includes("assign") ? "assign" : "";
  return "";
}

/** What somebody else did meanwhile, by incident. */
export const clash = signal({});
/** What is under way, so that a second click does nothing. */
export const busy = signal(new Set());
/** What went wrong outside a dialog, by incident. */
export const trouble = signal({});

/** @param {string} action @param {any} incident */
export async function act(action, incident) {
  const mark = `${incident.id} ${action}`;
  if (busy.value.has(mark)) return;
  busy.value = new Set([...busy.value, mark]);
  trouble.value = { ...trouble.value, [incident.id]: "" };
  try {
    const form = await FORMS[action]?.(incident);
    if (!form) await once(incident, action)({ reason: "" });
    else await fill({ heading: `${t(`action.${action}`)} · ${incident.number}`, ...form }, once(incident, action, form));
  } catch (error) {
    trouble.value = { ...trouble.value, [incident.id]: error.message };
  } finally {
    busy.value = new Set([...busy.value].filter((one) => one !== mark));
    touched.value += 1;
  }
}

/** Sends at most once however often it is pressed: the same words carry the same key. */
function once(incident, action, form) {
  const key = keyed();
  return async (values) => {
    const body = form?.body ? form.body(values) : values;
    if (form?.send) await form.send(body, key(body));
    else await send(incident, action, body, key(body));
  };
}

async function send(incident, action, body, key) {
  const path = `/v1/incidents/${incident.id}/${action}`;
  try {
    put(incidents, await post(path, body, { "If-Match": `"${incident.version}"`, "Idempotency-Key": key }));
    clash.value = { ...clash.value, [incident.id]: null };
  } catch (error) {
    if (error.status !== 412) throw error;
    await overtaken(incident, action, body);
  }
}

/** Somebody was quicker: news of machines only is no reason to ask again, what a person did is shown instead. */
async function overtaken(incident, action, body) {
  const { log, alerts: _alerts, deliveries: _deliveries, ...fresh } = await get(`/v1/incidents/${incident.id}`);
  put(incidents, fresh);
  const later = log.filter((one) => one.seq > incident.version);
  if (fresh.state === incident.state && later.every((one) => one.actor === MACHINE)) {
    put(incidents, await post(`/v1/incidents/${incident.id}/${action}`, body, { "If-Match": `"${fresh.version}"` }));
    return;
  }
  const lines = later.filter((one) => one.actor !== MACHINE).map((one) => `${when(one.at)} ${said(one)}`);
  clash.value = { ...clash.value, [incident.id]: { action, lines, state: fresh.state } };
}

const reason = (label, more = {}) => ({ name: "reason", label, kind: "area", ...more });

/** @type {Record<string, (incident: any) => any>} */
const FORMS = {
  assign: dispatch,
  reject: () => ({
    fields: [{ name: "cause_code", label: t("ask.false"), kind: "list", options: falseCauses() }, reason(t("ask.explain"), { optional: true })],
    body: ({ cause_code, reason: text }) => ({ verdict: "false", cause_code, reason: text.trim() || t(`false.${cause_code}`) }),
  }),
  close: (incident) => ({
    fields: [
      reason(t("ask.close")),
      ...(incident.cause_code ? [] : [{ name: "cause_code", label: t("ask.cause"), kind: "choice", options: [{ value: "", text: "–" }, ...causes()], optional: true }]),
      ...(me.value.role === "admin" && incident.state !== "solved" ? [{ name: "override", label: t("ask.override"), kind: "check", value: false }] : []),
    ],
    body: ({ reason: text, cause_code, override }) => ({ reason: text, ...(cause_code && { cause_code }), ...(override && { override }) }),
  }),
  note: () => ({ fields: [reason(t("ask.note"))] }),
  reopen: () => ({ fields: [reason(t("ask.reopen"))] }),
  "check-in": () => ({ lead: t("ask.check-in.lead"), fields: [reason(t("ask.check-in"))] }),
  deliver: () => ({
    fields: [{ name: "text", label: t("ask.deliver"), kind: "area" }, { name: "cause_code", label: t("ask.cause"), kind: "choice", options: causes(), value: "litter" }],
  }),
  merge: (incident) => {
    const others = [...incidents.value.values()].filter((one) => one.id !== incident.id && one.target.department === incident.target.department && BY_STATE[one.state]?.includes("merge"));
    return {
      fields: [others.length ? { name: "into", label: t("ask.merge"), kind: "choice", options: others.map((one) => ({ value: one.number, text: `${one.number} · ${one.text || one.type}` })), value: others[0].number } : { name: "into", label: t("ask.merge"), kind: "text" }, reason(t("ask.explain"), { optional: true })],
    };
  },
  silence: (incident) => ({
    lead: t("ask.silence.lead"),
    go: t("action.silence"),
    fields: [{ name: "hours", label: t("ask.silence.hours"), kind: "choice", options: [1, 2, 4, 8, 24, 72].map((n) => ({ value: String(n), text: t("age.h", { n }) })), value: "2" }, reason(t("ask.silence"))],
    body: ({ hours, reason: text }) => ({ matcher: about(incident), level: incident.level, reason: text, ends: new Date(Date.now() + Number(hours) * 3_600_000).toISOString() }),
    send: (body, key) => post("/v1/silences", body, { "Idempotency-Key": key }),
  }),
};

const about = ({ target }) => ({ department: target.department, kind: target.kind, device: target.device, ...(target.property && { property: target.property }) });

/** Whom to send: the best first, each with the reason; who is not on the list can be named. */
async function dispatch(incident) {
  const found = await get(`/v1/incidents/${incident.id}/suggestions`).catch(() => ({ items: [] }));
  const [people, units] = await Promise.all([get("/v1/people"), get("/v1/units")]).catch(() => [{ items: [] }, { items: [] }]);
  const name = (one) => (zh ? one.name_zh || one.name_en : one.name_en || one.name_zh) || one.id || one.person;
  const offer = found.items.slice(0, 6).map((one) => ({ value: `person ${one.person}`, text: `${name(one)} ${one.phone}`.trim(), hint: zh ? one.zh : one.en }));
  const suggested = new Set(offer.map((one) => one.value));
  const rest = [...units.items.map((one) => ({ value: `unit ${one.id}`, text: name(one), hint: t("ask.unit") })), ...people.items.map((one) => ({ value: `person ${one.id}`, text: name(one) }))].filter((one) => !suggested.has(one.value) && mine(one, incident, people.items, units.items));
  const field = offer.length || rest.length ? { name: "who", label: offer.length ? t("ask.assign") : t("ask.assign.all"), kind: "list", options: [...offer, ...rest] } : { name: "who", label: t("ask.assign.name"), kind: "text" };
  return {
    go: t("ask.assign.send"),
    fields: [field, reason(t("ask.assign.note"), { optional: true })],
    body: ({ who, reason: text }) => {
      const [kind, ...rest_] = who.includes(" ") ? who.split(" ") : ["person", who];
      return { [kind]: rest_.join(" "), reason: text };
    },
  };
}

function mine(option, incident, people, units) {
  const [kind, id] = option.value.split(" ");
  const one = (kind === "unit" ? units : people).find((each) => each.id === id);
  return !one?.department || one.department === incident.target.department;
}

