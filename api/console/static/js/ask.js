/** One question with one line of answer, in a dialog; what the hub refuses is shown in it, in the hub's own words. */
import { t } from "./words.js";

/** @param {string} heading @param {string} label @param {(text: string) => Promise<void>} send @returns {Promise<string | null>} null when cancelled. */
export function ask(heading, label, send) {
  const dialog = document.createElement("dialog");
  const form = document.createElement("form");
  const title = document.createElement("h1");
  const field = document.createElement("label");
  const input = document.createElement("input");
  const problem = document.createElement("p");
  const buttons = document.createElement("div");
  title.textContent = heading;
  input.required = true;
  input.name = "reason";
  input.maxLength = 500;
  field.append(label, input);
  problem.className = "c1 small";
  problem.setAttribute("role", "alert");
  buttons.className = "actions";
  buttons.append(button(t("cancel"), "button"), button(t("send"), "submit", "primary"));
  form.append(field, problem, buttons);
  dialog.append(title, form);
  document.body.append(dialog);
  dialog.showModal();
  input.focus();
  return new Promise((resolve) => {
    const end = (answer) => (dialog.close(), dialog.remove(), resolve(answer));
    buttons.firstElementChild.addEventListener("click", () => end(null));
    dialog.addEventListener("cancel", () => end(null));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const submit = buttons.lastElementChild;
      submit.disabled = true;
      try {
        await send(input.value.trim());
        end(input.value.trim());
      } catch (error) {
        problem.textContent = error.message;
        submit.disabled = false;
      }
    });
  });
}

function button(text, type, look = "") {
  const made = document.createElement("button");
  Object.assign(made, { textContent: text, type, className: look });
  return made;
}
