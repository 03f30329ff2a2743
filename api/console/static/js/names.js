/** What things are called in the page's language. */
import { zh } from "./site.js";
import { rules, stationKey, stations, streamKey, streams } from "./state.js";
import { has, t } from "./words.js";

const pick = (one) => (zh ? one?.name_zh || one?.name_en : one?.name_en || one?.name_zh);

export const stationName = (target) => pick(stations.value.find((one) => stationKey(one) === stationKey(target))) || target.device;
export const propertyName = (target) => (target.property ? pick(streams.value.get(streamKey(target))) || target.property : "");

/** What a device itself found: its name or that of its family, or the device's own word where nobody has named it. */
export function eventName(type) {
  for (let word = type; word; word = word.slice(0, Math.max(0, word.lastIndexOf(".")))) if (has(`event.${word}`)) return t(`event.${word}`);
  return `${t("finding")} · ${type}`;
}

/** What an alert or incident is about, in a few words. */
export function title(target, rule) {
  if (rule?.startsWith("event:")) return eventName(rule.slice(6));
  return pick(rules.value.get(rule)) || (target.property ? propertyName(target) : t("silence"));
}

/** What an incident is, in a few words. @param {any} incident @param {any} [alert] */
export function incidentTitle(incident, alert) {
  const { type, target } = incident;
  if (has(`kind.${type}`)) return t(`kind.${type}`);
  if (incident.source === "report") return has(`report.type.${type}`) ? t(`report.type.${type}`) : incident.text || type;
  if (alert) return title(alert.target, alert.rule.id);
  if (type === "silence") return t("silence");
  return ["exceedance", ""].includes(type) ? propertyName(target) || t("silence") : eventName(type);
}

/** Where it is. @param {any} incident */
export const placeName = (incident) => (incident.source === "report" && !stations.value.some((one) => stationKey(one) === stationKey(incident.target)) ? incident.text.slice(0, 30) || t("place.reported") : stationName(incident.target));
