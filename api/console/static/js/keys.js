/** The list of keys. */
import { t } from "./words.js";

const DESK = [
  ["j k ↓ ↑", "help.move"],
  ["1 2 3", "help.tabs"],
  ["D", "action.assign"],
  ["A", "action.acknowledge"],
  ["F", "action.reject"],
  ["E", "action.close"],
  ["N", "action.note"],
  ["V", "action.deliver"],
  ["H", "action.check-in"],
  ["M", "action.merge"],
  ["Q", "action.silence"],
  ["R", "action.reopen"],
  ["I", "incident.whole"],
  ["G", "help.middle"],
  ["S", "help.sound"],
  ["?", "help.help"],
];

/** @param {string[][]} [rows] Key and word of each. */
export function showKeys(rows = DESK) {
  const dialog = document.createElement("dialog");
  const title = document.createElement("h1");
  const list = document.createElement("dl");
  const close = document.createElement("button");
  title.textContent = t("help");
  list.className = "keys";
  for (const [key, words] of rows) {
    const name = document.createElement("dt");
    const meaning = document.createElement("dd");
    name.textContent = key;
    meaning.textContent = t(words);
    list.append(name, meaning);
  }
  close.textContent = t("help.away");
  dialog.append(title, list, close);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", () => dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}
