/** Who is told and how it went, and a test of each way: the answer is in the vendor's own words. */
import { html, signal, useEffect } from "../vendor.js";
import { trouble } from "../drawings.js";
import { when } from "../format.js";
import { get, post } from "../http.js";
import { me } from "../state.js";
import { has, t } from "../words.js";

const receivers = signal(null);
const error = signal(null);
const busy = signal("");
const answers = signal({});

async function read() {
  try {
    [receivers.value, error.value] = [(await get("/v1/notify/receivers")).items, null];
  } catch (problem) {
    error.value = problem;
  }
}

async function test(name, place) {
  const mark = `${name} ${place}`;
  if (busy.value) return;
  busy.value = mark;
  try {
    answers.value = { ...answers.value, [mark]: await post(`/v1/notify/receivers/${encodeURIComponent(name)}/test?place=${place}`) };
  } catch (problem) {
    answers.value = { ...answers.value, [mark]: { taken: false, status: "failed", answer: problem.message } };
  }
  busy.value = "";
  read();
}

export function Channels() {
  useEffect(() => void read(), []);
  return html`<h2 class="past-head">${t("channel.title")}</h2>
    ${error.value && trouble(error.value, read)}
    ${receivers.value && !receivers.value.length && html`<p class="small mute">${t("channel.none")}</p>`}
    ${receivers.value?.length > 0 &&
    html`<div class="wide"><table class="list"><thead><tr>${["receiver", "way", "waiting", "taken", "refused", "test"].map((one) => html`<th scope="col">${t(`channel.${one}`)}</th>`)}</tr></thead>
      <tbody>${receivers.value.map((one) => html`<${Line} key=${one.name} receiver=${one} />`)}</tbody></table></div>`}`;
}

function Line({ receiver }) {
  const { last_delivery: good, last_error: bad } = receiver;
  return html`<tr data-receiver=${receiver.name}>
    <td class="strong">${receiver.name}${receiver.stopped && html` <span class="c1">${t("channel.stopped")}</span>`}</td>
    <td>${receiver.channel}</td>
    <td class="right">${receiver.waiting}</td>
    <td>${good ? when(good.ended) : "–"}</td>
    <td>${bad ? html`<span class="c1">${when(bad.ended)} ${bad.code ?? ""} ${bad.answer}</span>` : "–"}</td>
    <td>${receiver.addresses.map((address, place) => html`<${Try} name=${receiver.name} address=${address} place=${place + 1} />`)}</td>
  </tr>`;
}

function Try({ name, address, place }) {
  const mark = `${name} ${place}`;
  const said = answers.value[mark];
  return html`<div class="inline">
    ${me.value.role === "admin" && html`<button class="small" disabled=${busy.value !== ""} onClick=${() => test(name, place)}>${t(busy.value === mark ? "channel.trying" : "channel.try")}</button>`}
    <span class="small mute">${address}</span>
    ${said && html`<span role="status" class=${said.taken ? "cok" : "c1"}>${has(`channel.status.${said.status}`) ? t(`channel.status.${said.status}`) : said.status} · ${t("channel.said")} <q>${[said.code ?? "", said.answer].filter((one) => one !== "").join(" ")}</q> ${said.vendor_id ?? ""}</span>`}
  </div>`;
}
