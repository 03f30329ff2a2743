/** The health page: every part, what is wrong with it, what it counted; the ways by which people are told, and what is kept quiet. */
import { html, render } from "./vendor.js";
import { Drawing } from "./drawings.js";
import { session } from "./http.js";
import { listen, start } from "./live.js";
import { Silences } from "./incident/silences.js";
import { health, load, me, take } from "./state.js";
import { Channels } from "./system/channels.js";
import { Banner, Facts, watchAlarms } from "./top.js";
import { has, t } from "./words.js";

function Page() {
  const parts = health.value?.parts ?? [];
  return html`
    <h1>${t("system.title")}</h1>
    ${!parts.length && html`<${Drawing} kind="loading" text=${t("loading")} />`}
    ${parts.length > 0 &&
    html`<table class="list">
      <thead><tr><th scope="col">${t("system.part")}</th><th scope="col">${t("system.state")}</th><th scope="col">${t("system.detail")}</th><th scope="col">${t("system.counters")}</th></tr></thead>
      <tbody>
        ${parts.map(
          (one) => html`<tr>
            <td class="strong nowrap">${has(`health.part.${one.name}`) ? t(`health.part.${one.name}`) : one.name}</td>
            <td class="nowrap ${one.ok ? "cok" : "c1"}">${t(one.ok ? "system.ok" : "system.bad")}</td>
            <td class="words">${one.detail}</td>
            <td class="small mute">${Object.entries(one.counters ?? {}).filter(([, value]) => value).map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(" · ")}</td>
          </tr>`,
        )}
      </tbody>
    </table>`}
    ${health.value?.rule_faults?.map((one) => html`<p class="failed" role="alert">${one.file}:${one.line} ${one.key} – ${one.message}</p>`)}
    ${me.value.role !== "viewer" && html`<${Channels} />`}
    <div class="quiet-list"><${Silences} /></div>
  `;
}

me.value = await session();
render(html`<${Facts} />`, document.getElementById("facts"));
render(html`<${Banner} />`, document.getElementById("banner"));
render(html`<${Page} />`, document.getElementById("page"));
watchAlarms();
listen(take, load);
await start();
await load();
