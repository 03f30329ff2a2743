/** The theme's colours as the canvas needs them; `themed` changes when the theme does. */
import { signal } from "../vendor.js";

export const themed = signal(0);

const change = () => (themed.value += 1);
new MutationObserver(change).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", change);

/** @param {string} name A custom property without its dashes. */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

export const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif';
