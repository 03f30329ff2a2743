/** What things are called in the page's language. */
import { zh } from "./site.js";
import { rules, stationKey, stations, streamKey, streams } from "./state.js";
import { has, t } from "./words.js";

const pick = (one) => (zh ? one?.name_zh || one?.name_en : one?.name_en || one?.name_zh);

export const stationName = (target) => pick(stations.value.find((one) => stationKey(one) === stationKey(target))) || target.device;
export const propertyName = (target) => (target.property ? pick(streams.value.get(streamKey(target))) || target.property : "");

/** What a device itself found: its name, or the device's own word where nobody has named it. */
export const eventName = (type) => (has(`event.${type}`) ? t(`event.${type}`) : `${t("finding")} · ${type}`);

/** What an alert or incident is about, in a few words. */
export function title(target, rule) {
  if (rule?.startsWith("event:")) return eventName(rule.slice(6));
  return pick(rules.value.get(rule)) || (target.property ? propertyName(target) : t("silence"));
}
