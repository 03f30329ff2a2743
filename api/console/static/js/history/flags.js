/** Stretches of time whose values do not count, with the letter that says why, and columns in which some are out of range. */

/** At least so much of a column's values are flagged where a stretch is drawn. */
const MOSTLY = 0.5;
const LETTERS = "CMDSFTB";

/** @param {import("./ask.js").Line} line @returns {{from: number, to: number, letter: string}[]} */
export function stretches(line) {
  const found = [];
  line.at.forEach((at, place) => {
    const letter = [...LETTERS].find((one) => line.letters[place].includes(one));
    if (!letter || line.invalid[place] < MOSTLY * (line.invalid[place] + line.count[place])) return;
    const last = found.at(-1);
    if (last?.letter === letter && at - last.to <= line.gap) last.to = line.until[place];
    else found.push({ from: at, to: line.until[place], letter });
  });
  return found;
}

/** Where a value was refused by a check, ms. @param {import("./ask.js").Line} line */
export const refused = (line) => line.at.filter((_, place) => /range|spike|stuck|rate/.test(line.checks[place]));
