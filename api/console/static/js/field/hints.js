/** What usually causes a refusal, and the next thing to do about it. */
import { protocolOf } from "./state.js";
import { has, t } from "../words.js";

const KINDS = { hj212: "source", jt808: "vehicle", sl651: "water" };
const EIGHT_HOURS = 8 * 3_600_000;
const NEAR = 900_000;
const OFF = 300_000;

/** @param {{reason: string, detail: string, protocol: string, identity: string, address: string}} one @returns {{text: string, line?: string} | null} */
export function hintOf(one) {
  const device = one.station || "DEPT/KIND/NAME";
  if (one.reason === "unknown_device" && one.identity)
    return { text: t("field.hint.unknown_device", { what: identityWord(one.protocol) }), line: `hub devices add DEPT/${KINDS[one.protocol] ?? "KIND"}/NAME --protocol ${one.protocol} --identity ${one.identity} --config hub.toml` };
  if (one.reason === "bad_crc" && one.detail.includes("MODBUS")) return { text: t("field.hint.modbus", { device }) };
  if (one.reason === "not_allowed" && /address/.test(one.detail)) return { text: t("field.hint.address", { address: one.address }) };
  if (one.reason === "not_allowed" && /link\.sources/.test(one.detail)) return { text: t("field.hint.address", { address: one.address }) };
  const word = `field.hint.${one.protocol}.${one.reason}`;
  if (has(word)) return { text: t(word) };
  return has(`field.hint.${one.reason}`) ? { text: t(`field.hint.${one.reason}`) } : null;
}

/** What a connection itself shows: a clock that is wrong, being slowed, the wrong check taken by the register's leave. */
export function signsOf(session, device) {
  const found = [];
  const counts = session.counts ?? {};
  const behind = session.last_frame && device?.last_seen ? Date.parse(session.last_frame) - Date.parse(device.last_seen) : 0;
  const eight = [1, -1].some((way) => Math.abs(behind - way * EIGHT_HOURS) < NEAR);
  if (eight || (counts.clock_eight_hours ?? 0) > (counts.clock_right ?? 0)) found.push(t("field.sign.eight_hours"));
  else if ((counts.clock_off ?? 0) > (counts.clock_right ?? 0) || behind < -OFF) found.push(t("field.sign.clock"));
  if (session.resting) found.push(t("field.sign.resting"));
  else if (counts.rested) found.push(t("field.sign.rested", { n: counts.rested }));
  if (counts.crc_modbus) found.push(t("field.sign.modbus", { n: counts.crc_modbus }));
  if (counts.duplicate) found.push(t("field.sign.duplicate", { n: counts.duplicate }));
  return found;
}

/** A refusal's word, in plain language. @param {string} reason */
export const reasonWord = (reason) => (has(`reason.${reason}`) ? t(`reason.${reason}`) : reason);

/** "bad_crc: detail" as the part `field` keeps it, with the word in plain language. @param {string} text */
export function plainError(text) {
  const [reason, ...rest] = text.split(": ");
  return rest.length ? `${reasonWord(reason)} · ${rest.join(": ")}` : text;
}

export function identityWord(protocol) {
  const known = protocolOf(protocol);
  return known ? (document.documentElement.lang.startsWith("zh") ? known.identity_zh : known.identity_en) : protocol;
}
