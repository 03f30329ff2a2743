/** The page's tables of words, asked of the hub; a page's script brings them along in place of this module. */
import { site, zh } from "./site.js";

const read = async (name) => (await fetch(`/static/i18n/${zh ? "zh" : "en"}/${name}.json`)).json();

export const tables = await Promise.all(site.words.map(read));
