/** What the chart shows, put together of what has been answered so far. */
import { computed } from "../vendor.js";
import { stationName, propertyName } from "../names.js";
import { unitText } from "../format.js";
import { streamKey, streams } from "../state.js";
import { t } from "../words.js";
import { LENGTH } from "./span.js";
import { courses, flags, limitOf, others } from "./load.js";
import { idOf, text } from "./limit.js";
import { lines, span, view } from "./view.js";

export const targetOf = ({ station, property }) => {
  const [department, kind, device] = station.split("/");
  return { department, kind, device, property };
};

const unitOf = (line) => courses.value.get(line.key)?.unit ?? streams.value.get(streamKey(targetOf(line)))?.unit ?? "";

/** A line's name: the station's, and the property's where there are two. @param {any} line */
export function nameOf(line) {
  const name = stationName(targetOf(line));
  return view.value.properties.length > 1 ? `${name} · ${propertyName(targetOf(line))}` : name;
}

export const colourOf = (line) => `var(--series-${line.place + 1})`;
export const units = computed(() => [...new Set(lines.value.map(unitOf))]);
export const shownUnit = (line) => unitText(unitOf(line));

/** The limits that are drawn: each once, though it holds for several lines. */
const limits = computed(() => {
  if (!view.value.limits) return [];
  const found = new Map();
  for (const line of lines.value) {
    const one = limitOf(line.key);
    const scale = scaleOf(line);
    if (one) found.set(`${line.property} ${idOf(one)} ${text(one)}`, { limit: one, scale, text: text(one) });
  }
  return [...found.values()];
});

function scaleOf(line) {
  return units.value.indexOf(unitOf(line)) === 1 ? "y2" : "y";
}

const GAP = { raw: LENGTH["1d"] };

/** @param {string[]} palette of the lines */
export function scene(palette) {
  const alone = lines.value.length === 1;
  const shown = lines.value.map((line) => {
    const found = others.value.get(line.key);
    return {
      name: nameOf(line), unit: shownUnit(line), key: line.key, colour: palette[line.place], scale: scaleOf(line),
      line: courses.value.get(line.key), rows: found?.rows, gap: 1.2 * (LENGTH[found?.every] ?? GAP.raw), band: alone,
    };
  });
  const marks = lines.value.map((line) => ({ colour: palette[line.place], ...flags.value.get(line.key) }));
  return {
    lines: shown,
    limits: limits.value,
    stretches: marks.flatMap((one) => (one.stretches ?? []).map((stretch) => ({ ...stretch, colour: one.colour }))),
    refused: marks.flatMap((one) => one.refused ?? []),
    span: span.value,
    peak: peakOf(shown),
    hollow: !view.value.valid,
    unit: Object.fromEntries(units.value.slice(0, 2).map((unit, place) => [place ? "y2" : "y", unit])),
  };
}

/** The highest value on the first axis. */
function peakOf(shown) {
  let found = null;
  for (const { line, scale, colour } of shown) {
    if (!line || scale !== "y") continue;
    const values = line.kind === "windows" ? line.mean : line.high;
    values.forEach((value, place) => {
      const at = line.kind === "points" ? line.at[place] : (line.at[place] + line.until[place]) / 2;
      if (value !== null && (!found || value > found.value)) found = { value, at, scale, colour };
    });
  }
  return found;
}

/** The place of the window or column at a moment, -1 where there is none. @param {import("./ask.js").Line} line @param {number} moment */
export function placeAt(line, moment) {
  let [low, high] = [0, line.at.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (line.at[middle] <= moment) low = middle + 1;
    else high = middle;
  }
  const place = low - 1;
  return place >= 0 && moment < Math.max(line.until[place], line.at[place] + 1) ? place : -1;
}

/** Why values of a window do not count, in words. */
export function quality(line, place) {
  const letters = [...line.letters[place]].filter((letter) => letter !== "N").map((letter) => `${t(`history.flag.${letter}`)} ${letter}`);
  const checks = line.checks[place].split(" ").filter(Boolean).map((check) => t(`history.check.${check}`));
  const more = line.kind !== "points" && line.invalid[place] ? [t("history.invalid", { n: line.invalid[place] })] : [];
  return [...letters, ...checks, ...more].join(" · ");
}
