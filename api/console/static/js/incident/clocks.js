/** Until when the next thing must be done, and how that is written. */
import { age } from "../format.js";
import { t } from "../words.js";

/** @param {any} incident @returns {{name: string, by: number} | null} */
export function deadline(incident) {
  const named = {
    detected: ["ack", incident.ack_by],
    verified: ["ack", incident.ack_by],
    acknowledged: ["send", incident.ack_until],
    dispatched: ["arrive", incident.arrive_by],
    on_site: ["solve", incident.solve_by],
    verifying: ["watch", incident.watch_until],
    solved: ["reopen", incident.reopen_until],
  }[incident.state];
  const [name, by] = named ?? [];
  return by ? { name, by: Date.parse(by) } : null;
}

/** mm:ss under an hour, a short age beyond. @param {number} seconds */
export function left(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole >= 3600) return age(whole);
  return `${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
}

/** @param {any} incident @param {number} at Now, epoch ms. @returns {{text: string, due: boolean}} */
export function countdown(incident, at) {
  const next = deadline(incident);
  if (!next) return { text: "", due: false };
  const seconds = (next.by - at) / 1000;
  const machine = next.name === "watch" || next.name === "reopen";
  if (seconds < 0 && machine) return { text: t(`state.${incident.state}`), due: false };
  if (seconds < 0) return { text: t(`late.${next.name}`, { age: age(-seconds) }), due: true };
  return { text: `${t(`clock.${next.name}`)} ${left(seconds)}`, due: !machine && seconds < 120 };
}
