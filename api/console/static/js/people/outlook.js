/** What will lack in the next 14 days, and who is on duty now. */
import { html } from "../vendor.js";
import { full } from "../format.js";
import { Level } from "../shapes.js";
import { zh } from "../site.js";
import { t } from "../words.js";
import { called, kept, onDuty, outlook, titled } from "./state.js";

const short = (time) => full(time).slice(5, 16);

const spans = (gap) => {
  const shown = gap.spans.slice(0, 3).map((one) => t("people.span", { from: short(one.from), to: short(one.to) }));
  return gap.spans.length > 3 ? `${shown.join("; ")} ${t("people.more", { n: gap.spans.length - 3 })}` : shown.join("; ");
};

const where = (gap) => {
  const area = kept.value.areas.find((one) => one.id === gap.area);
  return area ? titled(area, zh) : t("people.no_area", { department: gap.department || "–" });
};

const why = (one) => [one.who && !one.who.includes(":") ? called(one.who, zh) : one.who, zh ? one.zh : one.en].filter(Boolean).join(zh ? "" : " ");

function Gap({ gap }) {
  const said = gap.lacks === "second" ? t("people.lacks.second", { person: called(gap.person, zh) }) : t(`people.lacks.${gap.lacks}`);
  return html`<li class=${`gap ${gap.lacks}`}>
    <${Level} level=${Math.min(...gap.levels)} />
    <div>
      <p><b>${where(gap)}</b> ${said} <span class="mute">${t("people.levels", { levels: gap.levels.join(zh ? "、" : ", ") })} · ${t("people.types", { n: gap.types.length })}</span></p>
      <p>${spans(gap)} <span class="mute">${t("people.hours", { n: Math.round(gap.hours) })}</span></p>
      <p class="mute">${gap.reasons.map(why).join(zh ? "；" : "; ")}</p>
    </div>
  </li>`;
}

export function Warnings() {
  const found = outlook.value;
  if (!found) return html`<p class="empty loading">${t("loading")}</p>`;
  const looked = html`<span class="mute small">${t("people.looked", { at: short(found.at), n: found.checked })}</span>`;
  return html`<section class="card" aria-labelledby="people-warnings">
    <header><h2 id="people-warnings">${t("people.warnings")} ${found.items.length > 0 && html`<span class="c1">${found.items.length}</span>`}</h2>${looked}</header>
    ${found.items.length === 0 ? html`<div><p class="cok">${t("people.all_well")}</p></div>` : html`<ul class="gaps">${found.items.map((gap) => html`<${Gap} gap=${gap} />`)}</ul>`}
  </section>`;
}

export function Now() {
  const found = onDuty.value ?? [];
  return html`<section class="card" aria-labelledby="people-now">
    <header><h2 id="people-now">${t("people.now")}</h2></header>
    ${found.length === 0 && html`<div><p class="mute">${t("people.no_rosters")}</p></div>`}
    <ul class="now">
      ${found.map((one) => {
        const roster = kept.value.rosters.find((each) => each.id === one.roster);
        const names = one.people.map((each) => titled(each, zh)).join(zh ? "、" : ", ");
        return html`<li class=${names ? "" : "nobody"}>
          <span class="mute">${roster ? titled(roster, zh) : one.roster} · ${one.layer}</span>
          <b>${names || t("people.nobody")}</b>
          <span class="small mute">${one.to ? t("people.until", { to: short(one.to) }) : ""}</span>
        </li>`;
      })}
    </ul>
  </section>`;
}
