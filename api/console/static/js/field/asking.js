/** Asking something of a device: a form made of the protocol's own description, and what became of it, step by step. */
import { html, signal } from "../vendor.js";
import { full, when } from "../format.js";
import { post } from "../http.js";
import { site, zh } from "../site.js";
import { commands, ENDED, look, picked, protocolOf } from "./state.js";
import { has, t } from "../words.js";

const chosen = signal("");
const problem = signal("");
const sending = signal(false);
const all = signal(false);
const FEW = 4;
const word = (one) => (zh ? one.zh : one.en);

/** Wall time of the site, as an input of the browser wants it. @param {number} moment epoch ms */
const wall = (moment) => new Intl.DateTimeFormat("sv-SE", { timeZone: site.zone, dateStyle: "short", timeStyle: "short" }).format(moment).replace(" ", "T");

function presets(argument) {
  const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  if (argument.type === "time") return argument.required ? wall(argument.name === "begin" ? hour - 7_200_000 : hour) : "";
  if (argument.type === "list" || argument.type === "object") return argument.required ? JSON.stringify(argument.example) : "";
  return argument.type === "whole" || argument.type === "number" ? (argument.required ? String(argument.example) : "") : "";
}

/** What stands in a field, as the protocol wants it; undefined: left out. */
function valueOf(argument, field) {
  if (argument.type === "switch") return argument.required || field.checked !== argument.example ? field.checked : undefined;
  const text = field.value.trim();
  if (!text) return undefined;
  if (argument.type === "whole" || argument.type === "number") return Number(text);
  if (argument.type === "choice") return argument.choices.find((one) => String(one) === text);
  if (argument.type === "time") return `${text}${text.length === 16 ? ":00" : ""}${site.offset}`;
  if (argument.type === "list" || argument.type === "object") return JSON.parse(text);
  return text;
}

async function send(event, told) {
  event.preventDefault();
  const form = event.currentTarget;
  const station = picked.value;
  sending.value = true;
  problem.value = "";
  try {
    const values = told.arguments.map((one) => [one.name, valueOf(one, form.elements[one.name])]);
    await post(`/v1/devices/${station}/commands`, { name: told.name, arguments: Object.fromEntries(values.filter(([, value]) => value !== undefined)) });
    await look();
  } catch (error) {
    problem.value = error instanceof SyntaxError ? t("field.not_json") : error.message;
  } finally {
    sending.value = false;
  }
}

export function Asking({ protocol }) {
  const known = protocolOf(protocol)?.commands ?? [];
  if (!known.length) return html`<p class="mute small">${t("field.no_commands")}</p>`;
  const told = known.find((one) => one.name === chosen.value) ?? known[0];
  const group = (risk) => known.filter((one) => one.risk === risk).map((one) => html`<option value=${one.name} selected=${one === told}>${word(one)} · ${one.name}</option>`);
  return html`<form class="asking" key=${`${picked.value}${told.name}`} onSubmit=${(event) => send(event, told)}>
    <label>${t("field.command")}<select name="command" onChange=${(event) => ((chosen.value = event.target.value), (problem.value = ""))}>
      <optgroup label=${t("field.asks")}>${group(false)}</optgroup>
      <optgroup label=${t("field.changes")}>${group(true)}</optgroup>
    </select></label>
    ${told.arguments.map((one) => html`<${Field} key=${one.name} one=${one} />`)}
    ${told.risk && html`<p class="c2 small">${t("field.risk")}</p>`}
    ${problem.value && html`<p class="c1 small" role="alert">${problem.value}</p>`}
    <div class="actions"><button class="primary" type="submit" disabled=${sending.value}>${t("field.send")}</button></div>
  </form>`;
}

function Field({ one }) {
  const optional = one.required || one.type === "switch" ? "" : ` · ${t("field.optional")}`;
  const limits = one.low !== null ? ` · ${one.low}–${one.high}` : "";
  const label = `${word(one)}${one.unit ? ` (${one.unit})` : ""}${limits}${optional}`;
  if (one.type === "switch") return html`<label class="switch"><input type="checkbox" name=${one.name} defaultChecked=${Boolean(one.example)} />${label}</label>`;
  if (one.type === "choice")
    return html`<label>${label}<select name=${one.name}>
      ${!one.required && html`<option value=""></option>`}
      ${one.choices.map((choice) => html`<option value=${choice} selected=${one.required && choice === one.example}>${has(`field.choice.${choice}`) ? t(`field.choice.${choice}`) : choice}</option>`)}
    </select></label>`;
  if (one.type === "list" || one.type === "object")
    return html`<label>${label}<textarea name=${one.name} rows="3" required=${one.required} spellcheck=${false} placeholder=${JSON.stringify(one.example)} defaultValue=${presets(one)}></textarea></label>`;
  const kinds = { whole: "number", number: "number", time: "datetime-local" };
  return html`<label>${label}<input
      name=${one.name} type=${one.secret ? "password" : (kinds[one.type] ?? "text")} autocomplete="off" required=${one.required} placeholder=${one.type === "text" ? one.example : ""}
      defaultValue=${presets(one)} min=${one.low ?? undefined} max=${one.high ?? undefined} step=${one.type === "whole" ? "1" : "any"}
  /></label>`;
}

export function Asked({ protocol }) {
  if (!commands.value.length) return html`<p class="mute small">${t("field.nothing_asked")}</p>`;
  const list = all.value ? commands.value : commands.value.slice(0, FEW);
  return html`<ul class="asked">${list.map((one, place) => html`<${Command} key=${one.id} one=${one} protocol=${protocol} newest=${place === 0} />`)}</ul>
    ${commands.value.length > FEW && html`<button class="quiet" aria-expanded=${all.value} onClick=${() => (all.value = !all.value)}>${t(all.value ? "field.fewer" : "field.all", { n: commands.value.length })}</button>`}`;
}

const COLOURS = { done: "cok", refused: "c2", failed: "c2", expired: "c2" };

function Command({ one, protocol, newest }) {
  const told = protocolOf(protocol)?.commands.find((entry) => entry.name === one.name);
  const given = Object.entries(one.arguments);
  return html`<li data-command=${one.name} data-state=${one.state}>
    <details open=${newest || !ENDED.has(one.state)}>
      <summary>
        <b>${told ? word(told) : one.name}</b> <span class=${COLOURS[one.state] ?? ""}>${t(`field.state.${one.state}`)}</span>
        <span class="mute small right"><time title=${full(one.asked)}>${when(one.asked)}</time> · ${one.by === "hub" ? t("field.by_hub") : one.by}</span>
        ${one.detail && html`<span class="mute small detail">${one.detail}</span>`}
      </summary>
      ${given.length > 0 && html`<p class="small mute">${given.map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(" · ")}</p>`}
      <ol class="small">${one.steps.map((step) => html`<li><time>${when(step.time)}</time> <b>${t(`field.state.${step.state}`)}</b> ${step.detail}<${Values} values=${step.values} /></li>`)}</ol>
    </details>
  </li>`;
}

function Values({ values }) {
  const rows = Object.entries(values ?? {});
  if (!rows.length) return null;
  return html`<dl class="values">${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${typeof value === "object" ? JSON.stringify(value) : String(value)}</dd>`)}</dl>`;
}
