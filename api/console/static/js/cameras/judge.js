/** An officer's word on an event: confirmed or rejected, why, and what it truly is. It becomes an example for the site. */
import { html, render } from "../vendor.js";
import { post } from "../http.js";
import { t } from "../words.js";
import { labelWord } from "./said.js";

const LABELS = ["artificial", "organic", "foam", "boat", "bird", "person", "vehicle", "smoke", "other"];
const REASONS = { reject: ["wildlife", "boat", "reflection", "foam", "worker", "other"], confirm: ["seen", "reported", "other"] };

function Form({ verdict, send, end }) {
  const submit = async (event) => {
    event.preventDefault();
    const [form, problem] = [event.target, event.target.querySelector("[role=alert]")];
    const reason = [t(`cameras.reason.${form.elements.why.value}`), form.elements.note.value.trim()].filter(Boolean).join("; ");
    try {
      await send({ reason, label: form.elements.label.value });
      end(true);
    } catch (error) {
      problem.textContent = error.message;
    }
  };
  return html`<h1>${t(`cameras.${verdict}`)}</h1><form onSubmit=${submit}>
    <fieldset class="picks"><legend>${t("cameras.why")}</legend>${REASONS[verdict].map((why, n) => html`<label class="pick"><input type="radio" name="why" value=${why} defaultChecked=${n === 0} />${t(`cameras.reason.${why}`)}</label>`)}</fieldset>
    <label>${t("cameras.truly")}<select name="label"><option value="">–</option>${LABELS.map((label) => html`<option value=${label}>${labelWord(label)}</option>`)}</select></label>
    <label>${t("cameras.note")}<input name="note" maxlength="500" /></label>
    <p class="c1 small" role="alert"></p>
    <div class="actions"><button type="button" onClick=${() => end(false)}>${t("cancel")}</button><button class="primary">${t("send")}</button></div>
  </form>`;
}

/** @param {{id: string}} event @param {"confirm" | "reject"} verdict @returns {Promise<boolean>} whether it was said. */
export function judge(event, verdict) {
  const dialog = document.createElement("dialog");
  document.body.append(dialog);
  return new Promise((resolve) => {
    const end = (done) => {
      dialog.close();
      render(null, dialog);
      dialog.remove();
      resolve(done);
    };
    const send = (said) => post(`/v1/patrol/events/${encodeURIComponent(event.id)}/${verdict}`, said);
    dialog.addEventListener("cancel", (given) => (given.preventDefault(), end(false)));
    render(html`<${Form} verdict=${verdict} send=${send} end=${end} />`, dialog);
    dialog.showModal();
  });
}
