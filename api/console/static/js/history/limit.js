/** Which limit is drawn and judged by: the one chosen, else what the register or the standard suggests. */
import { number } from "../format.js";
import { zh } from "../site.js";
import { has, t } from "../words.js";

const CLASSES = ["gb3838:target", "gb3838:III", "permit", "gb3095:2:hour", "gb3095:2:day", "gb3095:2:8h", "gb3095:2:year"];

/** The limits of a line in the order of the list: standards, permits, rules. */
export const choices = (found) => found.map((one) => ({ id: idOf(one), text: nameOf(one), limit: one }));

export const idOf = (one) => (one.kind === "rule" ? `rule:${one.name}:${one.level}` : one.name);

/** What a limit is called. */
export function nameOf(one) {
  if (one.kind === "rule") return `${(zh ? one.name_zh || one.name_en : one.name_en || one.name_zh) || one.name} ${t(`level.${one.level}`)}`;
  const [standard, ...rest] = one.name.split(":");
  if (standard === "gb3838") return rest[0] === "target" ? t("history.limit.target", { name: one.target ?? "" }) : t("history.limit.class", { name: rest[0] });
  if (standard === "gb3095") return t("history.limit.air", { level: rest[0], mean: t(`history.mean.${rest[1]}`) });
  return has(`history.limit.${one.name}`) ? t(`history.limit.${one.name}`) : one.name;
}

/** The limit to judge by. @param {any[]} found @param {string} wanted */
export function chosen(found, wanted) {
  if (wanted === "none") return null;
  const own = found.find((one) => idOf(one) === wanted);
  if (own) return own;
  for (const name of CLASSES) {
    const one = found.find((candidate) => candidate.name === name);
    if (one) return one;
  }
  return found.find((one) => one.kind === "rule") ?? null;
}

/** What holds at the end of the period. */
const present = (one) => one?.spans.at(-1) ?? null;

/** The limit as the hub is asked by it; "" where there is none. */
export function asked(one) {
  const { below, above } = present(one) ?? {};
  if (below !== null && below !== undefined && above !== null && above !== undefined) return `in:${below},${above}`;
  if (above !== null && above !== undefined) return `le:${above}`;
  return below !== null && below !== undefined ? `ge:${below}` : "";
}

/** A standard's number as it is printed: 1.0, not 1. */
const written = (bound) => (Number.isInteger(bound) && Math.abs(bound) < 10 ? bound.toFixed(1) : number(bound));

/** The limit in words: name and numbers. */
export function text(one, unit = "") {
  const { below, above } = present(one) ?? {};
  const numbers = [below, above].filter((bound) => bound !== null && bound !== undefined).map(written);
  return `${nameOf(one)} ${numbers.join("–")}${unit && ` ${unit}`}`;
}

/** The standard it is from. */
export const source = (one) => (present(one)?.source ?? "").replace(/ \([^)]*\)$/, "");
