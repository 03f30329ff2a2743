/** The list of keys. */
import { t } from "./words.js";

const ROWS = [
  ["j k ↓ ↑", "help.move"],
  ["A", "action.acknowledge"],
  ["E", "help.close"],
  ["F", "help.false"],
  ["N", "help.note"],
  ["S", "help.sound"],
  ["?", "help.help"],
];

export function showKeys() {
  const dialog = document.createElement("dialog");
  const title = document.createElement("h1");
  const list = document.createElement("dl");
  title.textContent = t("help");
  list.className = "keys";
  for (const [key, words] of ROWS) {
    const name = document.createElement("dt");
    const meaning = document.createElement("dd");
    name.textContent = key;
    meaning.textContent = t(words);
    list.append(name, meaning);
  }
  dialog.append(title, list);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", () => dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}
