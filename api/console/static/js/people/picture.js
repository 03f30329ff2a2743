/** The rosters of the next 14 days as a picture: a row for each person, a bar for each duty. */
import { html } from "../vendor.js";
import { full } from "../format.js";
import { lang, site, zh } from "../site.js";
import { t } from "../words.js";
import { called, DAYS, duties, kept, outlook, titled } from "./state.js";

const DAY = 86_400_000;
const label = new Intl.DateTimeFormat(lang, { timeZone: site.zone, weekday: "short", day: "numeric" });
const weekend = new Intl.DateTimeFormat("en", { timeZone: site.zone, weekday: "short" });

function midnight(now) {
  const clock = full(now).slice(11).split(":").map(Number);
  return now - (clock[0] * 3600 + clock[1] * 60 + clock[2]) * 1000 - (now % 1000);
}

/** By person, the duties of a roster: [layer, from, to]. */
function byPerson(items) {
  const rows = new Map();
  for (const duty of items) for (const who of duty.people) rows.set(who, [...(rows.get(who) ?? []), duty]);
  return [...rows];
}

function Bars({ items, layers, start }) {
  const share = (time) => Math.min(1, Math.max(0, (Date.parse(time) - start) / (DAYS * DAY))) * 100;
  return html`<ol class="bars">
    ${items.filter((duty) => Date.parse(duty.to) > start && Date.parse(duty.from) < start + DAYS * DAY).map((duty) => {
      const [left, right] = [share(duty.from), share(duty.to)];
      const said = t("people.duty", { layer: duty.layer, from: full(duty.from).slice(5, 16), to: full(duty.to).slice(5, 16) });
      return html`<li class=${`layer-${layers.indexOf(duty.layer) % 3}`} style=${`left:${left}%;width:${Math.max(0.3, right - left)}%`} title=${said}><span class="unseen">${said}</span></li>`;
    })}
  </ol>`;
}

function Roster({ roster, start }) {
  const items = duties.value[roster.id] ?? [];
  const layers = roster.layers.map((one) => one.name);
  const days = Array.from({ length: DAYS }, (_, n) => start + n * DAY + DAY / 2);
  return html`<section class="roster" aria-label=${titled(roster, zh)}>
    <h3>${titled(roster, zh)} ${layers.map((name, n) => html`<span class="key"><i class=${`layer-${n % 3}`}></i>${name}</span>`)}
      <a class="small" href=${`/v1/rosters/${roster.id}.ics`} download>${t("people.calendar_out")}</a></h3>
    <div class="grid" aria-hidden="true"><span></span><div class="days">${days.map((day) => html`<span class=${["Sat", "Sun"].includes(weekend.format(day)) ? "free" : ""}>${label.format(day)}</span>`)}</div></div>
    ${byPerson(items).map(([who, own]) => html`<div class="grid"><b>${called(who, zh)}</b><${Bars} items=${own} layers=${layers} start=${start} /></div>`)}
    ${items.length === 0 && html`<p class="c1">${t("people.nobody")}</p>`}
  </section>`;
}

export function Picture() {
  const start = midnight(outlook.value ? Date.parse(outlook.value.at) : Date.now());
  if (!kept.value.rosters.length) return null;
  return html`<section class="card" aria-labelledby="people-picture">
    <header><h2 id="people-picture">${t("people.fortnight")}</h2></header>
    <div class="picture">${kept.value.rosters.map((roster) => html`<${Roster} roster=${roster} start=${start} />`)}</div>
  </section>`;
}
