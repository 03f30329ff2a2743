/** The dead-letter page: what could not be taken, why, and taking it again. */
import { html, render, signal } from "./vendor.js";
import { full } from "./format.js";
import { get, post, request, session } from "./http.js";
import { listen, start } from "./live.js";
import { load, take } from "./state.js";
import { Banner, Facts, watchAlarms } from "./top.js";
import { has, t } from "./words.js";

const STATES = ["kept", "retried", "dropped", ""];
const state = signal("kept");
const letters = signal(null);
const next = signal(null);
const problem = signal("");
const notes = signal({});
const shown = signal({});
const SHOWN_BYTES = 4096;

async function read(cursor) {
  const query = new URLSearchParams({ limit: "50", ...(state.value && { state: state.value }), ...(cursor && { cursor }) });
  try {
    const page = await get(`/v1/dead-letters?${query}`);
    letters.value = cursor ? [...letters.value, ...page.items] : page.items;
    next.value = page.next;
    problem.value = "";
  } catch (error) {
    problem.value = error.message;
  }
}

async function settle(id, action) {
  try {
    const answer = await post(`/v1/dead-letters/${id}/${action}`, {});
    const refused = answer.refused?.length ? answer.refused.map((one) => `${one.reason}: ${one.detail}`).join("; ") : "";
    const text = action === "drop" ? t("dead.dropped") : refused ? t("dead.refused", { why: refused }) : t("dead.taken");
    notes.value = { ...notes.value, [id]: text };
  } catch (error) {
    notes.value = { ...notes.value, [id]: error.message };
  }
}

async function show(id) {
  const bytes = new Uint8Array(await (await request(`/v1/dead-letters/${id}/bytes`)).arrayBuffer());
  const head = bytes.subarray(0, SHOWN_BYTES);
  const text = new TextDecoder("utf-8", { fatal: false }).decode(head);
  const plain = [...text].every((letter) => letter >= " " || "\n\r\t".includes(letter)) && !text.includes("\ufffd");
  const body = plain ? text : [...head].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  shown.value = { ...shown.value, [id]: body + (bytes.length > SHOWN_BYTES ? " …" : "") };
}

function Page() {
  return html`
    <h1>${t("dead.title")}</h1>
    <p class="mute">${t("dead.lead")}</p>
    <div class="filters" role="group" aria-label=${t("dead.state")}>
      ${STATES.map(
        (one) => html`<button aria-pressed=${state.value === one} class=${state.value === one ? "primary" : ""} onClick=${() => ((state.value = one), (letters.value = null), read())}>
          ${t(one ? `dead.${one}` : "dead.all")}
        </button>`,
      )}
    </div>
    ${problem.value && html`<p class="failed" role="alert">${t("failed", { why: problem.value })}</p>`}
    ${!letters.value && !problem.value && html`<p class="empty loading">${t("loading")}</p>`}
    ${letters.value && !letters.value.length && html`<p class="empty">${t("dead.none")}</p>`}
    ${letters.value?.length > 0 && html`<${Table} />`}
    ${next.value && html`<p><button onClick=${() => read(next.value)}>${t("dead.more")}</button></p>`}
  `;
}

function Table() {
  const heads = ["received", "reason", "detail", "topic", "size", "state"];
  return html`<table class="list">
    <thead><tr>${heads.map((name) => html`<th scope="col">${t(`dead.${name}`)}</th>`)}<td></td></tr></thead>
    <tbody>${letters.value.map((one) => html`<${Row} key=${one.id} letter=${one} />`)}</tbody>
  </table>`;
}

function Row({ letter }) {
  const bytes = shown.value[letter.id];
  const note = notes.value[letter.id];
  return html`<tr data-letter=${letter.id}>
    <td class="nowrap">${full(letter.received)}</td>
    <td class="strong">${has(`reason.${letter.reason}`) ? t(`reason.${letter.reason}`) : letter.reason}</td>
    <td>${letter.detail}${bytes !== undefined && html`<pre class="bytes">${bytes}</pre>`}</td>
    <td>${letter.topic}<br /><span class="faint">${letter.source}</span></td>
    <td class="nowrap right">${letter.size} B</td>
    <td class="nowrap">${note ?? t(`dead.${letter.state}`)}</td>
    <td>
      <div class="actions">
        <button onClick=${() => show(letter.id)}>${t("dead.show")}</button>
        ${letter.state === "kept" && !note && html`<button onClick=${() => settle(letter.id, "retry")}>${t("dead.retry")}</button>`}
        ${letter.state === "kept" && !note && html`<button onClick=${() => settle(letter.id, "drop")}>${t("dead.drop")}</button>`}
      </div>
    </td>
  </tr>`;
}

await session();
render(html`<${Facts} />`, document.getElementById("facts"));
render(html`<${Banner} />`, document.getElementById("banner"));
render(html`<${Page} />`, document.getElementById("page"));
watchAlarms();
listen((type, data) => {
  take(type, data);
  if (type === "dead_letter" && state.value === "kept" && !data.state) read();
}, load);
await start();
await Promise.all([load(), read()]);
