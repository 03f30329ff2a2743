/** Wall mode: nothing to press, ages large, everything in the frame, no motion except a new alarm. */
import { html, useEffect } from "../vendor.js";
import { Drawing } from "../drawings.js";
import { Row, Stale } from "../incidents.js";
import { open as standing, byState, loaded } from "../state.js";
import { t } from "../words.js";
import { fit, Middle } from "./middle.js";

const MOST = 9;
const REFIT = 60_000;

export function Wall() {
  useEffect(() => {
    const timer = setInterval(fit, REFIT);
    return () => clearInterval(timer);
  }, []);
  const list = [...byState.value.detected, ...byState.value.acknowledged];
  return html`<section class="left wall-list" aria-label=${t("desk.list")}>
      <h1><b class=${byState.value.detected.length ? "c1" : ""}>${byState.value.detected.length}</b> ${t("tab.detected")} <b>${byState.value.acknowledged.length}</b> ${t("tab.acknowledged")}</h1>
      <${Stale} />
      ${loaded.value === "loading" && html`<${Drawing} kind="loading" text=${t("loading")} />`}
      ${!["loading", "ready"].includes(loaded.value) && html`<${Drawing} kind="failed" text=${t("failed", { why: loaded.value })} />`}
      ${loaded.value === "ready" && !standing.value.length && html`<${Drawing} kind="empty" text=${t("desk.quiet")} />`}
      ${list.slice(0, MOST).map((one) => html`<${Row} key=${one.id} incident=${one} wall=${true} />`)}
      ${list.length > MOST && html`<p class="mute pad">${t("desk.more", { n: list.length - MOST })}</p>`}
    </section>
    <${Middle} wall=${true} />`;
}
