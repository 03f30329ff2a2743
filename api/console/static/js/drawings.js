/** Empty, loading, stale, failed and forbidden: five drawings of the same place, told apart without reading. */
import { html } from "./vendor.js";
import { t } from "./words.js";

const PATHS = {
  empty: "M24 8a16 16 0 1 1 0 32 16 16 0 0 1 0-32zM16 25l6 6 11-13",
  stale: "M24 8a16 16 0 1 1 0 32 16 16 0 0 1 0-32zM24 15v10l7 4",
  failed: "M17 7h14l10 10v14L31 41H17L7 31V17zM24 15v12M24 32v2",
  forbidden: "M12 22h24v18H12zM17 22v-6a7 7 0 0 1 14 0v6M24 29v5",
};

/** @param {{kind: "empty" | "loading" | "stale" | "failed" | "forbidden", text: string, again?: () => void}} props */
export function Drawing({ kind, text, again }) {
  if (kind === "loading") return html`<div class="drawing loading" role="status"><i class="bone" /><i class="bone" /><i class="bone" /><p>${text}</p></div>`;
  return html`<div class="drawing ${kind}" role=${kind === "failed" ? "alert" : "status"}>
    <svg viewBox="0 0 48 48" aria-hidden="true"><path d=${PATHS[kind]} /></svg>
    <p>${text}</p>
    ${again && html`<button onClick=${again}>${t("again")}</button>`}
  </div>`;
}

/** The drawing for what a question came to. @param {any} error @param {() => void} [again] */
export function trouble(error, again) {
  if (error.status === 403) return html`<${Drawing} kind="forbidden" text=${t("forbidden")} />`;
  if (error.status === 404) return html`<${Drawing} kind="empty" text=${t("not_there")} />`;
  return html`<${Drawing} kind="failed" text=${t("failed", { why: error.message })} again=${again} />`;
}
