/** Who was told and how far it came: queued, sent, taken by the vendor, delivered, read, acted on; a refusal in the vendor's words. */
import { html } from "../vendor.js";
import { when } from "../format.js";
import { now } from "../now.js";
import { has, t } from "../words.js";
import { left } from "./clocks.js";
import { called } from "./staff.js";

const RUNGS = ["queued", "sent", "accepted", "delivered", "read", "acted"];
const PLACE = { waiting: 0, pending: 0, sending: 1 };
const BAD = new Set(["failed", "refused", "gone", "dropped", "ended", "unsure"]);

/** @param {{deliveries: any[], ladders: any[], next: any[]}} props */
export function Delivery({ deliveries, ladders, next }) {
  const step = next?.find((one) => one.name === "escalate");
  const seconds = step ? (Date.parse(step.at) - now.value) / 1000 : 0;
  const rows = merged(deliveries, ladders);
  return html`<section class="card">
    <header><h2>${t("delivery")}</h2>${step && html`<span class="small ${seconds < 60 ? "c1 strong" : "mute"}" role="timer">${seconds > 0 ? t("delivery.escalates", { left: left(seconds) }) : t("delivery.escalating")}</span>`}</header>
    <div>
      ${!rows.length && html`<p class="small mute">${t("delivery.none")}</p>`}
      ${rows.map((one) => html`<${Row} key=${one.key} row=${one} />`)}
    </div>
  </section>`;
}

/** A notice to a person is drawn with what the person did; one to a group with what the vendor said. */
function merged(deliveries, ladders) {
  const spare = [...ladders];
  return [...deliveries].reverse().map((one) => {
    const place = spare.findLastIndex((each) => each.receiver === one.receiver && each.type === one.type && each.at === one.created);
    const ladder = place < 0 ? null : spare.splice(place, 1)[0];
    return { ...one, key: one.id, person: ladder?.person ?? "", status: ladder && ["read", "acted"].includes(ladder.status) ? ladder.status : one.state, moment: ladder?.acted ?? ladder?.read ?? one.done ?? one.created };
  });
}

function Row({ row }) {
  const bad = BAD.has(row.status);
  const reached = bad ? Math.min(2, row.attempts.length + 1) : (PLACE[row.status] ?? RUNGS.indexOf(row.status)) + 1;
  const word = has(`delivery.${row.status}`) ? t(`delivery.${row.status}`) : row.status;
  const last = row.attempts.at(-1);
  const vendor = [last?.code ?? "", row.answer].filter((one) => one !== "" && one !== null).join(" ");
  return html`<details class="told ${bad ? "bad" : ""}">
    <summary>
      <span class="who" title=${row.address}>${called(row.person) || row.receiver}</span>
      <span class="rungs" role="img" aria-label=${t("delivery.rung", { n: reached, all: RUNGS.length, word })}>${RUNGS.map((_, place) => html`<i class=${place < reached ? "on" : ""} />`)}</span>
      <span class="how ${bad ? "c1" : row.status === "acted" || row.status === "read" ? "cok" : "mute"}">${row.channel} ${word} ${when(row.moment)}</span>
      ${bad && vendor && html`<span class="answer c1">${vendor}</span>`}
    </summary>
    <ul class="small mute">
      <li>${has(`notice.${row.type}`) ? t(`notice.${row.type}`) : row.type} · ${row.receiver} · ${row.address}</li>
      ${row.attempts.map((one) => html`<li>${when(one.begun)} ${has(`delivery.${one.status}`) ? t(`delivery.${one.status}`) : one.status} ${one.code ?? ""} ${one.answer} ${one.vendor_id}</li>`)}
      ${row.maybe_duplicate && html`<li class="c2">${t("delivery.twice")}</li>`}
    </ul>
  </details>`;
}
