/** What an action still wants, as the hub names it, in the page's language; what is not known here stays in the hub's words. */
import { lang } from "../site.js";
import { has, t } from "../words.js";

const KNOWN = [
  [/^alert \S+ has not cleared$/, "missing.alert"],
  [/^(\d+) more minutes below the clear limit$/, "missing.below"],
  [/^(\d+) more minutes of clear sight of the place$/, "missing.sight"],
  [/^a photo after the work, taken within (\d+) m$/, "missing.photo"],
  [/^a photo after the work, taken in this round of it$/, "missing.fresh"],
  [/^a photo after the work/, "missing.near"],
  [/^a text/, "missing.text"],
  [/^a cause code$/, "missing.cause"],
  [/^a reason$/, "missing.reason"],
  [/^a leader/, "missing.leader"],
  [/^a position within (\d+) m/, "missing.position"],
  [/^a person or a unit$/, "missing.person"],
  [/^an alert keeps coming back \((\d+) times\)/, "missing.flaps"],
  [/^it is not acknowledged$/, "missing.acknowledged"],
  [/^it is not dispatched$/, "missing.dispatched"],
  [/^nobody has checked in$/, "missing.arrived"],
  [/^another incident that is open/, "missing.other"],
];

/** @param {string} said */
export function inWords(said) {
  const ways = said.split(" or ");
  if (ways.length > 1 && ways.every((one) => known(one))) return ways.map(one).join(t("missing.or"));
  return one(said);
}

const known = (said) => KNOWN.some(([pattern]) => pattern.test(said));

function one(said) {
  for (const [pattern, word] of KNOWN) {
    const found = pattern.exec(said);
    if (found) return t(word, { n: found[1] ?? "" });
  }
  return said;
}

/** The kinds of a closing contract's items. @param {string} kind */
export const itemName = (kind) => (has(`contract.${kind}`) ? t(`contract.${kind}`) : kind);

const CAUSES = ["litter", "plants", "outfall", "dumping", "upstream", "runoff", "spill", "vessel", "fishing", "burning", "equipment", "nothing", "other"];
/** Why it was no incident: the causes officers name first for a false alarm come first. */
const FALSE_FIRST = ["equipment", "nothing", "plants", "vessel", "runoff", "other"];

export const causes = () => CAUSES.map((value) => ({ value, text: t(`cause.${value}`) }));
export const falseCauses = () => FALSE_FIRST.map((value) => ({ value, text: t(`false.${value}`) }));
export const joined = (list) => list.join(lang.startsWith("zh") ? "、" : ", ");
