/** How long something took, short: 41 s, 3 min, 2.5 h, 1.2 d; a dash where it has not happened often enough to say. */
import { t } from "../words.js";

/** @param {number | null} seconds */
export function span(seconds) {
  if (seconds === null) return "–";
  if (seconds < 60) return t("age.s", { n: Number(seconds.toFixed(seconds < 10 ? 1 : 0)) });
  if (seconds < 3600) return t("age.min", { n: Number((seconds / 60).toFixed(seconds < 600 ? 1 : 0)) });
  if (seconds < 86_400) return t("age.h", { n: Number((seconds / 3600).toFixed(1)) });
  return t("age.d", { n: Number((seconds / 86_400).toFixed(1)) });
}
