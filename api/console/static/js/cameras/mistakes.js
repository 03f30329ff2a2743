/** The hub's findings on a draft, field by field in the person's language; a finding it does not know is shown as the hub wrote it. */
import { t } from "../words.js";
import { worth } from "./draft.js";

const EXPECTED = [
  [/^one polygon or more$/, "some_water"],
  [/^a name of its own$/, "own_name"],
  [/^3 to 200 points$/, "corners"],
  [/^pixels from 0 to (\d+) and 0 to (\d+)$/, "in_picture"],
  [/^a polygon that does not cross itself$/, "crosses"],
  [/^an area of 16 pixels or more$/, "too_small"],
  [/^4 x 4 pixels or more inside the frame$/, "patch"],
  [/^none, or 4 points or more$/, "four_points"],
  [/^four corners of an area$/, "on_a_line"],
  [/^4 or more pairs/, "four_points"],
  [/^points on the ground$/, "both_sides"],
  [/^at most (\S+): measure it again$/, "residual"],
  [/^a pixel inside the frame$/, "point_outside"],
  [/^east and north, or lon and lat/, "no_place"],
  [/^water below the horizon/, "horizon"],
  [/^(\S+) to (\S+)(?: pixels)?$/, "range"],
];

const FIELD = /^(water|banks|exclusions|booms|sky|ground)(?:\[(\d+)\])?/;

/** Which thing a finding is about: {kind, index}; index -1 for all of a kind. @param {string} field */
export function place(field) {
  const [, kind = "", index] = FIELD.exec(field) ?? [];
  return { kind: kind || field.split(/[.[]/)[0], index: index === undefined ? -1 : Number(index) };
}

/** The name of the field as a person would say it. */
function fieldWord(field, draft) {
  const { kind, index } = place(field);
  if (kind === "ground" && index >= 0) return t("cameras.setup.point_n", { n: index + 1 });
  if (index >= 0) return t("cameras.setup.zone_n", { kind: t(`cameras.zone.${kind}`), name: draft?.[kind]?.[index]?.name ?? index + 1 });
  const words = { water: "zone.water", ground: "setup.ground", flow: "setup.flow", reference_patch: "setup.patch", min_size_m: "setup.min_size", min_share: "setup.min_share", origin: "setup.origin" }[kind];
  return words ? t(`cameras.${words}`) : field;
}

/** @param {{field: string, value: string, expected: string}} one @param {any} draft */
export function said(one, draft) {
  const found = EXPECTED.map(([form, key]) => ({ key, parts: form.exec(one.expected) })).find(({ parts }) => parts);
  const value = one.value.replace(/^residual /, "");
  const text = found ? t(`cameras.mistake.${found.key}`, { value, a: found.parts[1] ?? "", b: found.parts[2] ?? "" }) : `${value}: ${one.expected}`;
  return { where: fieldWord(one.field, draft), text, ...place(one.field) };
}

/** Whether the hub found something wrong with this one. @param {string} kind @param {number} index */
export const mistaken = (kind, index) => (worth.value?.mistakes ?? []).some((one) => {
  const about = place(one.field);
  return about.kind === kind && about.index === index;
});
