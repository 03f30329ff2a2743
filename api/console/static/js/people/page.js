/** People: what will lack first, then who is on duty, the next 14 days, and the forms. */
import { html, render } from "../vendor.js";
import { session } from "../http.js";
import { listen, start } from "../live.js";
import { site } from "../site.js";
import { load, take } from "../state.js";
import { Banner, Facts, watchAlarms } from "../top.js";
import { t } from "../words.js";
import { Editor } from "./forms.js";
import { Now, Warnings } from "./outlook.js";
import { Picture } from "./picture.js";
import { problem, refresh, role } from "./state.js";

const MINUTE = 60_000;

function Page() {
  return html`<h1>${t("nav.people")}</h1>
    ${problem.value && html`<p class="failed" role="alert">${t("failed", { why: problem.value })}</p>`}
    <${Warnings} /><${Now} /><${Picture} />
    ${role.value === "admin" && html`<${Editor} offset=${site.offset} />`}`;
}

role.value = (await session()).role;
render(html`<${Facts} />`, document.getElementById("facts"));
render(html`<${Banner} />`, document.getElementById("banner"));
render(html`<${Page} />`, document.getElementById("page"));
watchAlarms();
listen(take, load);
await start();
setInterval(refresh, MINUTE);
await Promise.all([load(), refresh()]);
