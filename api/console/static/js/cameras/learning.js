/** What a site learned from its officers: how many examples, what was taught with them, how that did on crops held back, which is at work. */
import { html, useEffect, useState } from "../vendor.js";
import { get, post } from "../http.js";
import { full, number } from "../format.js";
import { Drawing } from "../drawings.js";
import { t } from "../words.js";
import { api, may } from "./state.js";

const MEASURES = [["loss", -1], ["accuracy", 1], ["precision", 1]];

function Compared({ judged }) {
  return html`<table class="compared"><thead><tr><th>${t("cameras.learn.held_back")}</th><th>${t("cameras.learn.before")}</th><th>${t("cameras.learn.after")}</th></tr></thead>
    <tbody>${MEASURES.map(([name, good]) => {
      const [before, after] = [judged.before?.[name], judged.after?.[name]];
      const better = (after - before) * good > 0;
      return html`<tr><td>${t(`cameras.learn.${name}`)}</td><td>${number(before)}</td><td class=${better ? "cok" : after === before ? "" : "c2"}>${number(after)} ${after === before ? "=" : better ? t("cameras.learn.is_better") : t("cameras.learn.is_worse")}</td></tr>`;
    })}</tbody></table>`;
}

function Model({ one, adopt, busy }) {
  const working = one.state === "adopted";
  return html`<li class=${one.state}><header><b>${t("cameras.learn.model", { n: one.id })}</b> <span class="tag">${t(`cameras.learn.state.${one.state}`)}</span>
      <span class="mute small">${t("cameras.learn.made", { at: full(one.made), by: one.by, n: one.labels })}</span></header>
    <${Compared} judged=${one.judged} />
    <p class="small">${one.judged.better ? t("cameras.learn.better") : t("cameras.learn.not_better")}</p>
    ${may("admin") && !working && html`<button type="button" disabled=${busy} class=${one.judged.better && one.state === "candidate" ? "primary" : ""} onClick=${() => adopt(one.id)}>${t(one.state === "retired" ? "cameras.learn.back_to" : "cameras.learn.adopt")}</button>`}
  </li>`;
}

function Count({ found }) {
  const { confirmed, rejected } = found.labels;
  const all = confirmed + rejected;
  return html`<p class="count"><b>${all}</b> / ${found.needed} ${t("cameras.learn.labels", { confirmed, rejected })}</p>
    <progress max=${found.needed} value=${Math.min(all, found.needed)} aria-label=${t("cameras.learn.enough")}></progress>
    <p class="small mute">${all < found.needed ? t("cameras.learn.more", { n: found.needed - all }) : t("cameras.learn.can")}</p>`;
}

/** @param {{camera: any}} props */
export function Learning({ camera }) {
  const [found, put] = useState(null);
  const [problem, fails] = useState(null);
  const [busy, works] = useState("");
  const path = api(camera.station, "/learning");
  const ask = () => get(path).then((answer) => (put(answer), fails(null)), fails);
  useEffect(() => void ask(), [camera.station]);
  if (!found) return problem ? html`<${Drawing} kind=${problem.status === 403 ? "forbidden" : "failed"} text=${problem.message} again=${ask} />` : html`<${Drawing} kind="loading" text=${t("cameras.loading")} />`;
  const send = async (what, body) => {
    works(what);
    await post(`${path}/${what}`, body).then((answer) => (put(answer), fails(null)), fails);
    works("");
  };
  const adopt = (model) => send("adopt", { model });
  const enough = found.labels.confirmed + found.labels.rejected >= found.needed;
  return html`<div class="learning">
    <section class="card"><header><h2>${t("cameras.learn.title")}</h2></header><div><${Count} found=${found} />
      ${may("admin") ? html`<div class="actions"><button type="button" class=${enough && !found.models.length ? "primary" : ""} disabled=${!enough || busy} onClick=${() => send("train", {})}>${t(busy === "train" ? "cameras.learn.training" : "cameras.learn.train")}</button>
        ${found.adopted !== null && html`<button type="button" disabled=${Boolean(busy)} onClick=${() => adopt(null)}>${t("cameras.learn.revert")}</button>`}</div>` : html`<p class="small mute">${t("cameras.learn.admins")}</p>`}
      ${problem && html`<p class="c1" role="alert">${problem.message}</p>`}
      <p class="small">${found.adopted === null ? t("cameras.learn.shipped") : t("cameras.learn.works", { n: found.adopted })}</p></div></section>
    <section class="card"><header><h2>${t("cameras.learn.models")}</h2></header>${found.models.length ? html`<ul class="models">${found.models.map((one) => html`<${Model} key=${one.id} one=${one} adopt=${adopt} busy=${Boolean(busy)} />`)}</ul>` : html`<p class="empty">${t("cameras.learn.none")}</p>`}</section>
  </div>`;
}
