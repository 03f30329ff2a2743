/** The page by keyboard: tiles and events by j and k, their keys, and the list of all of them. */
import { t } from "../words.js";

/** @type {Map<string, () => void>} What the part of the page that is shown answers to. */
export const answers = new Map();

const ROWS = [
  ["j k ← →", "help.move"],
  ["Enter", "cameras.key.open"],
  ["Esc", "cameras.key.back"],
  ["A", "cameras.confirm"],
  ["F", "cameras.reject"],
  ["O", "cameras.key.overlay"],
  ["?", "help.help"],
];

function move(step) {
  const places = [...document.querySelectorAll("[data-tile]")];
  if (!places.length) return;
  const here = places.indexOf(document.activeElement);
  const next = places[Math.min(places.length - 1, Math.max(0, here < 0 ? 0 : here + step))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

export function showAll() {
  const dialog = document.createElement("dialog");
  const title = document.createElement("h1");
  const list = document.createElement("dl");
  title.textContent = t("help");
  list.className = "keys wide";
  for (const [key, words] of ROWS) {
    const [name, meaning] = [document.createElement("dt"), document.createElement("dd")];
    [name.textContent, meaning.textContent] = [key, t(words)];
    list.append(name, meaning);
  }
  dialog.append(title, list);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", () => dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}

const STEPS = { j: 1, ArrowRight: 1, k: -1, ArrowLeft: -1 };

export function watchKeys() {
  document.addEventListener("keydown", (event) => {
    const busy = /** @type {HTMLElement} */ (event.target).closest("input, select, textarea, dialog, [data-drawing]");
    if (busy || event.ctrlKey || event.metaKey || event.altKey) return;
    const own = answers.get(event.key.toLowerCase());
    if (own) own();
    else if (event.key in STEPS) move(STEPS[event.key]);
    else if (event.key === "?") showAll();
    else if (event.key === "Escape" && location.pathname !== "/cameras") location.assign("/cameras");
    else return;
    event.preventDefault();
  });
}
