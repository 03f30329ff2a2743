/** Live events, one stream per browser: one tab holds the lock and the stream, the others listen to it over a channel. */
import { signal } from "./vendor.js";

const TYPES = ["alert", "incident", "latest", "health", "dead_letter"];
const LOST_AFTER = 25_000;
const channel = new BroadcastChannel("streamwarden-events");

/** When the hub was last heard (epoch ms), 0 before. */
export const heard = signal(0);
/** Whether the stream stands now. */
export const connected = signal(false);

/** @type {Set<(type: string, data: unknown) => void>} */
const listeners = new Set();
/** @type {Set<() => void>} */
const again = new Set();

/** @param {(type: string, data: unknown) => void} listener @param {() => void} onAgain whenever the stream was opened: what was before it must be asked. */
export function listen(listener, onAgain) {
  listeners.add(listener);
  again.add(onAgain);
}

function tell(message) {
  if (message.kind === "event") for (const listener of listeners) listener(message.type, message.data);
  if (message.kind === "again") for (const callback of again) callback();
  if (message.kind === "beat" || message.kind === "event") heard.value = Date.now();
  if ("connected" in message) connected.value = message.connected;
}

function share(message) {
  tell(message);
  channel.postMessage(message);
}

channel.onmessage = ({ data }) => tell(data);

function lead() {
  let last = "";
  let source = open();
  setInterval(() => {
    // A proxy may hold a dead connection open; `health` comes every 5 s.
    if (heard.value && Date.now() - heard.value > LOST_AFTER) {
      source.close();
      source = open();
    }
  }, 5000);

  function open() {
    // A browser asks by itself for what it missed; a stream opened anew must say where it was.
    const stream = new EventSource(last ? `/v1/events?last_event_id=${last}` : "/v1/events");
    stream.onopen = () => {
      share({ kind: "beat", connected: true });
      share({ kind: "again" });
    };
    stream.onerror = () => share({ kind: "state", connected: false });
    // The feed no longer holds what was missed: ask for everything.
    stream.addEventListener("reset", () => share({ kind: "again" }));
    for (const type of TYPES) {
      stream.addEventListener(type, (event) => {
        last = event.lastEventId || last;
        share({ kind: "event", type, data: JSON.parse(event.data), connected: true });
      });
    }
    return stream;
  }
  return new Promise(() => undefined);
}

/** Begin: the first tab leads, and when it closes the next one takes over. */
export function start() {
  if (navigator.locks) navigator.locks.request("streamwarden-stream", lead);
  else lead();
}
