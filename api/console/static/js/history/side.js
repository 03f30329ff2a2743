/** What is asked: stations, properties, period, step, comparison, data. */
import { html, useState } from "../vendor.js";
import { propertyName, stationName } from "../names.js";
import { stationKey, stations, streams } from "../state.js";
import { t } from "../words.js";
import { choices } from "./limit.js";
import { known, limitOf } from "./load.js";
import { Picker } from "./picker.js";
import { targetOf, units } from "./scene.js";
import { dayOf } from "./span.js";
import { MOST, PERIODS, STEPS, lines, period, show, view } from "./view.js";

export function Side() {
  const one = view.value;
  return html`
    <${Stations} />
    <${Properties} />
    <${Chips} name="period" list=${PERIODS} value=${one.period} pick=${pickPeriod} />
    ${one.period === "own" && html`<${Own} />`}
    <${Chips} name="step" list=${STEPS} value=${one.step} pick=${(step) => show({ step })} />
    <${Chips} name="compare" list=${["last_year", "last_month"]} value=${one.compare} pick=${(compare) => show({ compare: compare === one.compare ? "" : compare })} />
    <fieldset>
      <legend>${t("history.data")}</legend>
      <label class="check"><input type="checkbox" checked=${one.valid} onChange=${() => show({ valid: !one.valid })} />${t("history.valid")}</label>
      <label class="check"><input type="checkbox" checked=${one.limits} onChange=${() => show({ limits: !one.limits })} />${t("history.limits")}</label>
      <${Limits} />
    </fieldset>
  `;
}

function Stations() {
  const [open, setOpen] = useState(false);
  const chosen = view.value.stations;
  const registered = new Set(stations.value.map(stationKey));
  return html`<fieldset>
    <legend>${t("history.stations")} <span>${t("history.stations.count", { n: chosen.length, most: MOST })}</span></legend>
    <ul class="history-stations">
      ${chosen.map((key, place) => {
        const [department, kind, device] = key.split("/");
        return html`<li>
          <i style=${{ background: `var(--series-${place + 1})` }}></i>
          <span title=${key}>${stationName({ department, kind, device })}</span>
          <small class="mute">${!stations.value.length || registered.has(key) ? t(`stations.${kind}`) : t("history.unregistered")}</small>
          <button class="quiet" aria-label=${t("history.remove", { name: stationName({ department, kind, device }) })} onClick=${() => show({ stations: chosen.filter((one) => one !== key), open: "" })}>×</button>
        </li>`;
      })}
    </ul>
    <button class="plain-link" onClick=${() => setOpen(true)}>+ ${t("history.add")}</button>
    ${open && html`<${Picker} close=${() => setOpen(false)} />`}
  </fieldset>`;
}

/** The properties that the chosen stations have, with the two that are drawn. */
function Properties() {
  const chosen = view.value.properties;
  const found = new Map();
  for (const one of streams.value.values()) if (view.value.stations.includes(stationKey(one)) && !["lon", "lat"].includes(one.property)) found.set(one.property, one);
  for (const property of chosen) if (!found.has(property)) found.set(property, { ...targetOf({ station: view.value.stations[0] ?? "//", property }) });
  const pick = (property) => {
    const next = chosen.includes(property) ? chosen.filter((one) => one !== property) : [property];
    show({ properties: next.length ? next : chosen, limit: "", open: "" });
  };
  const both = (property) => show({ properties: [...new Set([...chosen, property])].slice(-2), limit: "", open: "" });
  return html`<fieldset>
    <legend>${t("history.properties")}</legend>
    <div class="history-chips">
      ${[...found.values()].map((one) => html`<button class="chip" aria-pressed=${chosen.includes(one.property)} onClick=${(event) => (event.shiftKey ? both(one.property) : pick(one.property))}>${propertyName(one)}</button>`)}
    </div>
    ${found.size > 1 && html`<label class="history-second">${t("history.second")}
      <select value=${chosen[1] ?? ""} onChange=${(event) => show({ properties: [chosen[0], event.currentTarget.value].filter(Boolean), open: "" })}>
        <option value="">${t("history.second.none")}</option>
        ${[...found.values()].filter((one) => one.property !== chosen[0]).map((one) => html`<option value=${one.property} selected=${one.property === chosen[1]}>${propertyName(one)}</option>`)}
      </select></label>`}
    ${view.value.stations.length * chosen.length > MOST && html`<p class="small c2">${t("history.lines.most", { n: MOST })}</p>`}
    ${units.value.length > 2 && html`<p class="small c2">${t("history.units.most")}</p>`}
  </fieldset>`;
}

function Chips({ name, list, value, pick }) {
  return html`<fieldset>
    <legend>${t(`history.${name}`)}</legend>
    <div class="history-chips">${list.map((one) => html`<button class="chip" aria-pressed=${one === value} onClick=${() => pick(one)}>${t(`history.${name}.${one}`)}</button>`)}</div>
  </fieldset>`;
}

/** A shorter period has shorter steps: a day by months would be one point. */
function pickPeriod(word) {
  const own = word === "own" ? { from: dayOf(period.value.from), to: dayOf(period.value.to - 1) } : { from: "", to: "" };
  const { step } = view.value;
  const longest = { "24h": ["raw", "1h"], "7d": ["raw", "1h", "1d"], month: ["raw", "1h", "1d"] }[word] ?? STEPS;
  show({ period: word, own, zoom: null, step: longest.includes(step) ? step : "1h" });
}

function Own() {
  const { from, to } = view.value.own;
  const put = (change) => {
    const own = { from, to, ...change };
    if (own.from && own.to && own.from <= own.to) show({ own, zoom: null });
  };
  return html`<div class="history-own">
    <label>${t("history.from")}<input type="date" value=${from} max=${to} onChange=${(event) => put({ from: event.currentTarget.value })} /></label>
    <label>${t("history.to")}<input type="date" value=${to} min=${from} onChange=${(event) => put({ to: event.currentTarget.value })} /></label>
  </div>`;
}

function Limits() {
  const first = lines.value.find((line) => known.value.has(line.key));
  const list = first ? choices(known.value.get(first.key)) : [];
  if (!list.length) return html`<p class="small mute">${first ? t("history.limits.none") : ""}</p>`;
  const own = limitOf(first.key);
  const plain = choices(own ? [own] : [])[0]?.id ?? "none";
  return html`<label class="history-limit">${t("history.limit")}
    <select value=${plain} onChange=${(event) => show({ limit: event.currentTarget.value })}>
      ${list.map((one) => html`<option value=${one.id} selected=${one.id === plain}>${one.text}</option>`)}
      <option value="none" selected=${plain === "none"}>${t("history.limit.none")}</option>
    </select></label>`;
}
