/** The duty desk. */
import { html, render } from "./vendor.js";
import { middle, Middle, show } from "./desk/middle.js";
import { Strip } from "./desk/strip.js";
import { Wall } from "./desk/wall.js";
import { session } from "./http.js";
import { Detail } from "./incident.js";
import { act, KEYS as LETTERS, offered } from "./incident/acts.js";
import { loadStaff } from "./incident/staff.js";
import { Incidents } from "./incidents.js";
import { showKeys } from "./keys.js";
import { listen, start } from "./live.js";
import { toggle } from "./sound.js";
import { byState, chosen, incidents, load, me, tab, take } from "./state.js";
import { Banner, Facts, watchAlarms } from "./top.js";

const words = new URLSearchParams(location.search);
const wall = words.has("wall");

me.value = await session();
document.body.classList.toggle("wall", wall);
render(html`<${Facts} />`, document.getElementById("facts"));
render(html`<${Banner} />`, document.getElementById("banner"));
render(wall ? html`<${Wall} />` : html`<${Incidents} /><${Middle} /><${Detail} />`, document.getElementById("desk"));
if (!wall) render(html`<${Strip} />`, document.getElementById("strip"));
watchAlarms();
listen(take, load);
await start();
loadStaff();
await load();
if (words.get("incident")) chosen.value = { incident: words.get("incident") };
else if (!wall && innerWidth > 900 && byState.value.detected.length) chosen.value = { incident: byState.value.detected[0].id };

function move(step) {
  const list = byState.value[tab.value];
  if (!list.length) return;
  const place = list.findIndex((one) => one.id === chosen.value.incident);
  const next = list[Math.min(list.length - 1, Math.max(0, place + step))];
  chosen.value = { incident: next.id };
  document.querySelector(`[data-incident="${next.id}"]`)?.focus();
}

const TABS = ["detected", "acknowledged", "closed"];
const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  s: toggle,
  g: () => show(middle.value === "map" ? "stations" : "map"),
  i: () => {
    const one = incidents.value.get(chosen.value.incident);
    if (one) location.assign(`/incidents/${one.number}`);
  },
  ...Object.fromEntries(TABS.map((name, place) => [String(place + 1), () => (tab.value = name)])),
  "?": () => showKeys(),
};
const ACTIONS = Object.fromEntries(Object.entries(LETTERS).map(([action, letter]) => [letter.toLowerCase(), action]));

addEventListener("keydown", (event) => {
  if (wall || event.ctrlKey || event.metaKey || event.altKey || event.repeat || document.querySelector("dialog[open]")) return;
  if (event.target instanceof Element && event.target.closest("input, textarea, select, #desk-map") && event.key.startsWith("Arrow")) return;
  if (event.target instanceof Element && event.target.closest("input, textarea, select")) return;
  const incident = incidents.value.get(chosen.value.incident);
  const action = ACTIONS[event.key.toLowerCase()];
  if (KEYS[event.key]) KEYS[event.key]();
  else if (action && offered(incident).includes(action)) act(action, incident);
  else if (event.key === "Enter" && event.target === document.body && !incident) move(1);
  else return;
  event.preventDefault();
});
