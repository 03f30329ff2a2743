/** The duty desk. */
import { html, render } from "./vendor.js";
import { session } from "./http.js";
import { act, Detail, offered } from "./incident.js";
import { Incidents } from "./incidents.js";
import { listen, start } from "./live.js";
import { showKeys } from "./keys.js";
import { Stations } from "./stations.js";
import { byState, chosen, incidents, load, tab, take } from "./state.js";
import { Banner, Facts, Strip, watchAlarms } from "./top.js";
import { toggle } from "./sound.js";

await session();
render(html`<${Facts} />`, document.getElementById("facts"));
render(html`<${Banner} />`, document.getElementById("banner"));
render(html`<${Incidents} /><${Stations} /><${Detail} />`, document.getElementById("desk"));
render(html`<${Strip} />`, document.getElementById("strip"));
watchAlarms();
listen(take, load);
start();
await load();
const asked = new URLSearchParams(location.search).get("incident");
if (asked) chosen.value = { incident: asked };

function move(step) {
  const list = byState.value[tab.value];
  if (!list.length) return;
  const place = list.findIndex((one) => one.id === chosen.value.incident);
  const next = list[Math.min(list.length - 1, Math.max(0, place + step))];
  chosen.value = { incident: next.id };
  document.querySelector(`[data-incident="${next.id}"]`)?.focus();
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  s: toggle,
  "?": showKeys,
};
const ACTIONS = { a: "acknowledge", e: "close", f: "reject", n: "note", r: "reopen" };

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target instanceof Element && event.target.closest("input, textarea, select")) return;
  const incident = incidents.value.get(chosen.value.incident);
  const action = ACTIONS[event.key.toLowerCase()];
  if (KEYS[event.key]) KEYS[event.key]();
  else if (action && offered(incident).includes(action)) act(action, incident);
  else if (event.key === "Enter" && event.target === document.body && !incident) move(1);
  else return;
  event.preventDefault();
});
