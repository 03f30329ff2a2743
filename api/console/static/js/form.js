/** A few questions in a dialog; what the hub refuses is shown in it, in words, and nothing that was written is lost. */
import { html, render, useState } from "./vendor.js";
import { inWords } from "./incident/missing.js";
import { t } from "./words.js";

/**
 * @typedef {{name: string, label?: string, kind: "text" | "area" | "choice" | "list" | "check" | "time", options?: {value: string, text: string, hint?: string}[], value?: any, optional?: boolean, note?: string}} Field
 * @param {{heading: string, fields: Field[], go?: string, lead?: string}} form
 * @param {(values: Record<string, any>) => Promise<void>} send
 * @returns {Promise<boolean>} false when cancelled.
 */
export function fill(form, send) {
  const place = document.createElement("div");
  document.body.append(place);
  return new Promise((resolve) => {
    const end = (done) => {
      render(null, place);
      place.remove();
      resolve(done);
    };
    render(html`<${Dialog} ...${form} send=${send} end=${end} />`, place);
  });
}

/** Open at once: what is typed right after the key belongs in here. @param {HTMLDialogElement | null} dialog */
function show(dialog) {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  dialog.querySelector("input:checked, input, textarea, select")?.focus();
}

function Dialog({ heading, lead, fields, go, send, end }) {
  const [values, setValues] = useState(() => Object.fromEntries(fields.map((one) => [one.name, one.value ?? (one.kind === "list" ? (one.options[0]?.value ?? "") : "")])));
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    try {
      await send(values);
      end(true);
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  return html`<dialog ref=${show} aria-label=${heading} onCancel=${() => end(false)}>
    <form onSubmit=${submit}>
      <h1>${heading}</h1>
      ${lead && html`<p class="small mute">${lead}</p>`}
      ${fields.map((one) => html`<${Entry} key=${one.name} field=${one} value=${values[one.name]} set=${(value) => setValues({ ...values, [one.name]: value })} />`)}
      ${problem && html`<div class="c1 small" role="alert">${problem.message}${problem.missing?.length > 0 && html`<ul class="missing">${problem.missing.map((one) => html`<li>${inWords(one)}</li>`)}</ul>`}</div>`}
      <div class="actions"><button type="button" onClick=${() => end(false)}>${t("cancel")}</button><button type="submit" class="primary" disabled=${busy}>${go ?? t("send")} <kbd>Enter</kbd></button></div>
    </form>
  </dialog>`;
}

/** Enter sends, also from a text of several lines; Shift+Enter begins another line. */
const sends = (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  event.currentTarget.form.requestSubmit();
};

function Entry({ field, value, set }) {
  const { name, label, kind, options = [], optional } = field;
  const write = (event) => set(event.target.value);
  if (kind === "check") return html`<label class="tick"><input type="checkbox" name=${name} checked=${Boolean(value)} onChange=${(event) => set(event.target.checked)} />${label}</label>`;
  if (kind === "list") return html`<${Choices} ...${{ name, label, options, value, set }} />`;
  if (kind === "choice") return html`<label>${label}<select name=${name} required=${!optional} value=${value} onChange=${write}>${options.map((one) => html`<option value=${one.value}>${one.text}</option>`)}</select></label>`;
  if (kind === "area") return html`<label>${label}<textarea name=${name} rows="2" maxlength="500" required=${!optional} value=${value} onInput=${write} onKeyDown=${sends} /></label>`;
  return html`<label>${label}<input name=${name} type=${kind === "time" ? "datetime-local" : "text"} maxlength="500" required=${!optional} value=${value} onInput=${write} /></label>`;
}

function Choices({ name, label, options, value, set }) {
  return html`<fieldset class="choices"><legend>${label}</legend>
    ${options.map(
      (one) => html`<label class="choice"><input type="radio" name=${name} value=${one.value} checked=${value === one.value} onChange=${() => set(one.value)} /><span><b>${one.text}</b>${one.hint && html`<span class="small mute">${one.hint}</span>`}</span></label>`,
    )}
  </fieldset>`;
}
