/** The words of the console in the page's language; a missing one is an error that the tests find. */
import { tables } from "./tables.js";

const table = Object.assign({}, ...tables);

/** @param {string} key @param {Record<string, string | number>} [values] */
export function t(key, values = {}) {
  const text = table[key];
  if (text === undefined) throw new Error(`no words for ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** @param {string} key Whether there are words for it. */
export const has = (key) => key in table;
