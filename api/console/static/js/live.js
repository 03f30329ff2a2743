/** Live events, one stream per browser: one tab holds the lock and the stream, the others listen to it over a channel. */
import { signal } from "./vendor.js";

const TYPES = ["alert", "incident", "latest", "health", "dead_letter"];
const LOST_AFTER = 25_000;
const PATIENCE = 2000;
const LOCK = "streamwarden-stream";
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

/** Hold the stream for every tab of this browser. @param {() => boolean} [first] told when it stands first; whether that was waited for. */
function lead(first = () => false) {
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
      if (!first()) share({ kind: "again" });
      first = () => false;
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

/** Begin: the first tab leads, and when it closes the next one takes over. Done when the stream stands, so that what is asked from then on misses nothing; or soon, where it does not. */
export function start() {
  return new Promise((resolve) => {
    let waited = true;
    const done = () => {
      const before = waited;
      waited = false;
      resolve();
      return before;
    };
    setTimeout(done, PATIENCE);
    if (!navigator.locks) return lead(done);
    navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => {
      if (lock) return lead(done);
      done(); // another tab has the stream
      navigator.locks.request(LOCK, () => lead());
    });
  });
}
