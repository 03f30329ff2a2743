/** What things are called in the page's language. */
import { zh } from "./site.js";
import { rules, stationKey, stations, streamKey, streams } from "./state.js";
import { t } from "./words.js";

const pick = (one) => (zh ? one?.name_zh || one?.name_en : one?.name_en || one?.name_zh);

export const stationName = (target) => pick(stations.value.find((one) => stationKey(one) === stationKey(target))) || target.device;
export const propertyName = (target) => (target.property ? pick(streams.value.get(streamKey(target))) || target.property : "");

/** What an alert or incident is about, in a few words. */
export function title(target, rule) {
  if (rule?.startsWith("event:")) return `${t("finding")} · ${rule.slice(6)}`;
  return pick(rules.value.get(rule)) || (target.property ? propertyName(target) : t("silence"));
}
