/**
 * What was done and is not yet with the hub: kept on the phone, sent in order, each exactly once.
 *
 * The key of an entry is made when it is done and stays the same over every try, so the hub knows a repeated one.
 */
const NAME = "streamwarden-task";
const STORE = "actions";
const WAITS = [2, 5, 10, 30, 60];

/** @typedef {{id?: number, key: string, token: string, action: string, done: number, body: object, photo?: Blob, refused?: string}} Entry */

const asked = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Entries in memory, where the browser keeps nothing (a private window); they last as long as the page. */
class Memory {
  lasting = false;
  #entries = [];
  #next = 1;
  async all() { return [...this.#entries]; }
  async put(entry) { if (entry.id) this.#entries[this.#entries.findIndex((one) => one.id === entry.id)] = entry; else this.#entries.push({ ...entry, id: this.#next++ }); }
  async drop(id) { this.#entries = this.#entries.filter((one) => one.id !== id); }
}

/** Entries in IndexedDB: they outlive the page, the browser and a flat battery. */
class Lasting {
  lasting = true;
  #database;
  constructor(database) { this.#database = database; }
  #store(mode) { return this.#database.transaction(STORE, mode).objectStore(STORE); }
  all() { return asked(this.#store("readonly").getAll()); }
  put(entry) { return asked(this.#store("readwrite").put(entry)); }
  drop(id) { return asked(this.#store("readwrite").delete(id)); }
}

async function open() {
  try {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id", autoIncrement: true });
    return new Lasting(await asked(request));
  } catch {
    return new Memory();
  }
}

/** A key that nobody else makes; crypto.randomUUID is not there on plain HTTP. */
export const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Two pages of one phone send one after the other where the browser can say so; where not, the keys keep doubles out. */
const alone = (work) => (navigator.locks ? navigator.locks.request(NAME, work) : work());

export class Outbox {
  #kept = open();
  #sending = null;
  #again = 0;
  #timer = 0;

  /** @param {string} token @param {string} lang @param {(entries: Entry[]) => void} changed @param {(task: object, told: object) => void} taken */
  constructor(token, lang, changed, taken) {
    Object.assign(this, { token, lang, changed, taken });
    addEventListener("online", () => this.send());
    document.addEventListener("visibilitychange", () => document.hidden || this.send());
  }

  /** Whether entries outlive the page. */
  async lasts() { return (await this.#kept).lasting; }

  /** The entries of this task that wait or were refused, oldest first. */
  async entries() { return (await (await this.#kept).all()).filter((one) => one.token === this.token); }

  /** Keep what was done, then try to send it. */
  async add(action, body, photo) {
    await (await this.#kept).put({ key: newKey(), token: this.token, action, done: Date.now(), body, photo });
    await this.#tell();
    this.send();
  }

  /** Forget an entry that was refused. */
  async forget(id) {
    await (await this.#kept).drop(id);
    await this.#tell();
  }

  /** Send what waits; one run at a time, tried again with growing waits. */
  send() {
    this.#sending ??= alone(() => this.#run()).finally(() => { this.#sending = null; });
    return this.#sending;
  }

  async #tell() { this.changed(await this.entries()); }

  async #run() {
    clearTimeout(this.#timer);
    for (const entry of (await this.entries()).filter((one) => !one.refused)) {
      const answer = await this.#post(entry).catch(() => null);
      if (answer === null || answer.status >= 500 || [408, 425, 429].includes(answer.status)) {
        this.#timer = setTimeout(() => this.send(), 1000 * WAITS[Math.min(this.#again++, WAITS.length - 1)]);
        return;
      }
      this.#again = 0;
      await this.#settle(entry, answer);
    }
  }

  async #settle(entry, answer) {
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) await (await this.#kept).drop(entry.id);
    else await (await this.#kept).put({ ...entry, refused: told.detail || told.title || `HTTP ${answer.status}` });
    if (answer.ok) this.taken(told.task, told);
    await this.#tell();
  }

  #post(entry) {
    const headers = { "Accept-Language": this.lang, "Idempotency-Key": entry.key };
    const path = `/v1/tasks/${this.token}/`;
    const done = new Date(entry.done).toISOString();
    if (entry.photo) {
      const query = new URLSearchParams({ ...entry.body, done });
      return fetch(`${path}photos?${query}`, { method: "POST", body: entry.photo, headers: { ...headers, "Content-Type": "image/jpeg" } });
    }
    const body = JSON.stringify({ ...entry.body, done });
    return fetch(path + entry.action, { method: "POST", body, headers: { ...headers, "Content-Type": "application/json" } });
  }
}
