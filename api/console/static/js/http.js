/** Requests to the hub: session cookie, CSRF token on writes, problems as errors with the hub's own sentence. */
import { lang } from "./site.js";

let csrf = "";

export class Problem extends Error {
  /** @param {number} status @param {{title?: string, detail?: string, errors?: {field: string, expected: string}[], similar?: object[], missing?: string[]}} body */
  constructor(status, body) {
    super([body.title, body.missing?.length ? "" : body.detail].filter(Boolean).join(": ") || `HTTP ${status}`);
    this.status = status;
    this.errors = body.errors ?? [];
    this.similar = body.similar;
    /** What would have to be, one each. */
    this.missing = body.missing ?? [];
  }
}

/** @param {string} path @param {RequestInit} [options] */
export async function request(path, options = {}) {
  const headers = new Headers(options.headers);
  headers.set("Accept-Language", lang);
  if (csrf && options.method && options.method !== "GET") headers.set("X-CSRF-Token", csrf);
  const answer = await fetch(path, { ...options, headers, credentials: "same-origin" });
  if (answer.status === 401 && location.pathname !== "/login") location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  if (!answer.ok) throw new Problem(answer.status, await answer.json().catch(() => ({})));
  return answer;
}

/** @param {string} path */
export const get = async (path) => (await request(path)).json();

/** @type {{path: string, resolve: (body: any) => void, reject: (why: Error) => void}[]} */
let waiting = [];

/** Several questions in one request, with all others of the same moment. @param {string[]} paths @returns {Promise<any>[]} each with its own answer, or its own problem */
export function together(paths) {
  if (!waiting.length) queueMicrotask(askTogether);
  return paths.map((path) => new Promise((resolve, reject) => waiting.push({ path, resolve, reject })));
}

async function askTogether() {
  const asked = waiting;
  waiting = [];
  try {
    const { items } = await get(`/together?${new URLSearchParams(asked.map(({ path }) => ["path", path]))}`);
    for (const [place, { resolve, reject }] of asked.entries()) {
      const { status, body } = items[place];
      if (status < 400) resolve(body);
      else reject(new Problem(status, body));
    }
  } catch (error) {
    for (const { reject } of asked) reject(error);
  }
}

const newKey = () => crypto.randomUUID?.() ?? `${Date.now()} ${Math.random()}`;

/** Keys for what is asked once: the same words carry the same key, however often they are sent. @returns {(body: unknown) => string} */
export function keyed() {
  const keys = new Map();
  return (body) => {
    const text = JSON.stringify(body);
    if (!keys.has(text)) keys.set(text, newKey());
    return keys.get(text);
  };
}

/** @param {string} path @param {unknown} body @param {Record<string, string>} [headers] */
export async function post(path, body, headers = {}) {
  const answer = await request(path, {
    method: "POST",
    body: JSON.stringify(body ?? {}),
    headers: { "Content-Type": "application/json", "Idempotency-Key": newKey(), ...headers },
  });
  return answer.status === 204 ? null : answer.json();
}

/** Who is logged in, as the page says. */
export async function session() {
  const given = document.getElementById("session");
  const who = given ? JSON.parse(given.textContent) : await get("/v1/session");
  csrf = who.csrf ?? "";
  return who;
}
