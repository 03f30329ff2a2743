/** One day at a glance: below, hour by hour, seen, blind and offline, told apart by pattern too; above, what happened. */
import { html } from "../vendor.js";
import { full } from "../format.js";
import { lang, site } from "../site.js";
import { t } from "../words.js";
import { typeWord } from "./said.js";

const clock = new Intl.DateTimeFormat(lang, { timeZone: site.zone, hour: "2-digit", minute: "2-digit", hour12: false });
const HIGH = { 1: 18, 2: 15, 3: 12, 4: 9 };
const WIDTH = 480;

/** The patterns that every picture of coverage uses; once a page. */
export function Patterns() {
  return html`<svg class="unseen" aria-hidden="true"><defs>
    <pattern id="cover-blind" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="5" height="5" class="cover-blind-back" /><rect width="2" height="5" class="cover-blind-line" /></pattern>
    <pattern id="cover-offline" width="4" height="4" patternUnits="userSpaceOnUse"><rect width="4" height="4" class="cover-offline-back" /><circle cx="2" cy="2" r="0.8" class="cover-offline-dot" /></pattern>
  </defs></svg>`;
}

export function Legend() {
  return html`<ul class="legend">${["seen", "blind", "offline"].map((kind) => html`<li><svg viewBox="0 0 18 10" aria-hidden="true"><rect width="18" height="10" class="cover-${kind}" /></svg>${t(`cameras.cover.${kind}`)}</li>`)}
    <li><svg viewBox="0 0 18 10" aria-hidden="true"><path d="M9 1l4 4-4 4-4-4z" class="cover-debris" /></svg>${t("cameras.cover.debris")}</li></ul>`;
}

/** The parts of one period, from below: what was seen, then blind, then offline. @param {any} one @param {number} height */
export function parts(one, height) {
  let base = height;
  return ["seen", "blind", "offline"].map((kind) => {
    const high = (height * one[`${kind}_percent`]) / 100;
    base -= high;
    return { kind, y: base, high };
  }).filter((part) => part.high > 0.05);
}

/** In words, for who does not see the picture. @param {any} total @param {number} events */
export const summary = (total, events) => t("cameras.strip.summary", { seen: total.seen, blind: total.blind, offline: total.offline, n: events });

function shares(hours) {
  const sum = (kind) => hours.reduce((all, one) => all + one[`${kind}_s`], 0);
  const [seen, blind, offline] = ["seen", "blind", "offline"].map(sum);
  const whole = seen + blind + offline || 1;
  return { seen: Math.round((100 * seen) / whole), blind: Math.round((100 * blind) / whole), offline: Math.round((100 * offline) / whole) };
}

/** @param {{strip: any, pick?: (event: any) => void}} props */
export function DayStrip({ strip, pick }) {
  const [start, end] = [Date.parse(strip.from), Date.parse(strip.to)];
  const at = (time) => ((Date.parse(time) - start) / (end - start)) * WIDTH;
  const said = summary(shares(strip.coverage), strip.events.length);
  return html`<figure class="day">
    <svg viewBox="0 0 ${WIDTH} 36" preserveAspectRatio="none" role="img" aria-label=${said}>
      ${strip.coverage.map((one) => parts(one, 12).map((part) => html`<rect class="cover-${part.kind}" x=${at(one.from)} y=${22 + part.y} width=${Math.max(0.5, at(one.to) - at(one.from) - 0.6)} height=${part.high} />`))}
      <path class="base" d="M0 21.5H${WIDTH}" />
      ${strip.events.map((one) => html`<rect class="tick c${one.level} ${one.closed ? "" : "going"}" x=${Math.min(WIDTH - 4, Math.max(0, at(one.opened) - 1.5))} y=${21 - HIGH[one.level]} width="4" height=${HIGH[one.level]} onClick=${pick && (() => pick(one))}><title>${full(one.opened)} ${typeWord(one.type)}</title></rect>`)}
    </svg>
    <figcaption><span>${clock.format(start)}</span><span>${said}</span><span>${clock.format(end)}</span></figcaption>
  </figure>`;
}
