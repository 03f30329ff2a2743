/** One incident in full, at its own address. */
import { html, render } from "../vendor.js";
import { Drawing, trouble } from "../drawings.js";
import { session } from "../http.js";
import { showKeys } from "../keys.js";
import { listen, start } from "../live.js";
import { Stale } from "../incidents.js";
import { toggle } from "../sound.js";
import { chosen, incidents, load, me, take } from "../state.js";
import { Banner, Facts, watchAlarms } from "../top.js";
import { t } from "../words.js";
import { act, KEYS, offered } from "./acts.js";
import { Contract } from "./contract.js";
import { Delivery } from "./delivery.js";
import { Evidence } from "./evidence.js";
import { Actions, Clash, Head, Steps } from "./head.js";
import { Case, Clocks } from "./paper.js";
import { Explain } from "./explain.js";
import { Links } from "./links.js";
import { Photos } from "./photos.js";
import { useIncident } from "./read.js";
import { Silences } from "./silences.js";
import { loadStaff } from "./staff.js";
import { Timeline } from "./timeline.js";

const number = decodeURIComponent(location.pathname.split("/").at(-1));
/** The incident as it is drawn. */
let shown = null;

function Page() {
  const { whole, error, again } = useIncident(number);
  if (!whole) return error ? trouble(error, again) : html`<${Drawing} kind="loading" text=${t("loading")} />`;
  shown = whole;
  if (chosen.value.incident !== whole.id) queueMicrotask(() => (chosen.value = { incident: whole.id }));
  const works = me.value.role !== "viewer";
  return html`
    <div class="page-head">
      <${Stale} />
      ${error && html`<p class="notice bad small" role="alert">${t("failed", { why: error.message })}</p>`}
      <p class="small"><a href=${`/?incident=${whole.id}`}>← ${t("page.back")}</a></p>
      <${Head} whole=${whole} />
      <${Steps} whole=${whole} />
      <${Actions} whole=${whole} all=${true} />
      <${Clash} whole=${whole} />
    </div>
    <div class="columns">
      <div><${Evidence} whole=${whole} /><${Photos} whole=${whole} again=${again} /><${Timeline} log=${whole.log} most=${500} /></div>
      <div>
        <${Contract} contract=${whole.contract} state=${whole.state} /><${Clocks} clocks=${whole.clocks} /><${Delivery} deliveries=${whole.deliveries} ladders=${whole.ladders} next=${whole.next} />
        <${Explain} whole=${whole} />${works && html`<${Links} whole=${whole} />`}<${Silences} whole=${whole} /><${Case} whole=${whole} />
      </div>
    </div>`;
}

me.value = await session();
render(html`<${Facts} />`, document.getElementById("facts"));
render(html`<${Banner} />`, document.getElementById("banner"));
render(html`<${Page} />`, document.getElementById("page"));

const ROWS = Object.entries(KEYS).map(([action, key]) => [key, `action.${action}`]);
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || document.querySelector("dialog[open]")) return;
  if (event.target instanceof Element && event.target.closest("input, textarea, select")) return;
  const incident = incidents.value.get(shown?.id) ?? shown;
  const action = Object.entries(KEYS).find(([, key]) => key.toLowerCase() === event.key.toLowerCase())?.[0];
  if (event.key === "?") showKeys([...ROWS, ["S", "help.sound"], ["?", "help.help"]]);
  else if (event.key === "s") toggle();
  else if (action && offered(incident).includes(action)) act(action, incident);
  else return;
  event.preventDefault();
});

// Keys work as soon as there is something to see, whether or not the stream stands.
watchAlarms();
listen(take, load);
await start();
loadStaff();
await load();
