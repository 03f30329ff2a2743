/** Marks that lie on each other at this scale become one with a count; what rings is never hidden in a group. */

const CELL = 46;
const FEW = 120;

/** @param {{mark: any, at: number[]}[]} placed With map coordinates. @param {number} resolution Map units of a pixel. @returns {{alone: any[], groups: {at: number[], members: any[]}[]}} */
export function grouped(placed, resolution) {
  if (placed.length <= FEW) return { alone: placed, groups: [] };
  const side = CELL * resolution;
  const cells = new Map();
  const alone = [];
  for (const one of placed) {
    if (one.mark.level || one.picked) {
      alone.push(one);
      continue;
    }
    const key = `${Math.floor(one.at[0] / side)} ${Math.floor(one.at[1] / side)}`;
    if (!cells.has(key)) cells.set(key, []);
    cells.get(key).push(one);
  }
  const groups = [];
  for (const members of cells.values()) {
    if (members.length === 1) alone.push(members[0]);
    else groups.push({ at: middle(members), members });
  }
  return { alone, groups };
}

function middle(members) {
  const sum = [0, 0];
  for (const { at } of members) {
    sum[0] += at[0];
    sum[1] += at[1];
  }
  return [sum[0] / members.length, sum[1] / members.length];
}
