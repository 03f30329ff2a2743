/** Choosing stations: a list that is searched by name, code and kind. */
import { html, useEffect, useMemo, useRef, useState } from "../vendor.js";
import { stationName } from "../names.js";
import { stationKey, stations } from "../state.js";
import { t } from "../words.js";
import { MOST, show, view } from "./view.js";

const KINDS = ["water", "air", "source", "vehicle"];
const SHOWN = 200;

export function Picker({ close }) {
  const [query, setQuery] = useState("");
  const [kind, setKind] = useState("");
  const dialog = useRef(null);
  useEffect(() => dialog.current.showModal(), []);
  const chosen = view.value.stations;
  const found = useMemo(() => search(query, kind), [query, kind, stations.value]);
  const toggle = (key) => show({ stations: chosen.includes(key) ? chosen.filter((one) => one !== key) : [...chosen, key].slice(0, MOST), open: "" });
  return html`<dialog class="history-picker" ref=${dialog} onClose=${close} onClick=${(event) => event.target === dialog.current && dialog.current.close()} aria-label=${t("history.add")}>
    <h1>${t("history.stations")} <span class="mute">${t("history.stations.count", { n: chosen.length, most: MOST })}</span></h1>
    <input type="search" placeholder=${t("history.search")} aria-label=${t("history.search")} value=${query} onInput=${(event) => setQuery(event.currentTarget.value)} autofocus />
    <div class="history-chips">${["", ...KINDS].map((one) => html`<button type="button" class="chip" aria-pressed=${kind === one} onClick=${() => setKind(one)}>${one ? t(`stations.${one}`) : t("history.kind.all")}</button>`)}</div>
    <ul>
      ${found.slice(0, SHOWN).map((one) => {
        const key = stationKey(one);
        const on = chosen.includes(key);
        return html`<li><label><input type="checkbox" checked=${on} disabled=${!on && chosen.length >= MOST} onChange=${() => toggle(key)} /><span>${stationName(one)}</span><small class="mute">${one.department} · ${one.device}</small></label></li>`;
      })}
      ${!found.length && html`<li class="empty">${t("history.search.none")}</li>`}
    </ul>
    <div class="actions"><span class="small mute">${chosen.length >= MOST ? t("history.stations.most", { n: MOST }) : ""}</span><button type="button" class="primary" onClick=${() => dialog.current.close()}>${t("history.done")}</button></div>
  </dialog>`;
}

function search(query, kind) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return stations.value.filter((one) => {
    if (one.gateway || one.kind === "camera" || (kind && one.kind !== kind)) return false;
    const text = `${one.name_zh} ${one.name_en} ${one.department} ${one.kind} ${one.device} ${t(`stations.${one.kind}`)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
