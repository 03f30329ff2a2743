/** The clock of the page: one signal, once a second, so that every age on it moves together. */
import { signal } from "./vendor.js";

export const now = signal(Date.now());
setInterval(() => (now.value = Date.now()), 1000);
