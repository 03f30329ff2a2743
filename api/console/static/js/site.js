/** What the server knew when it wrote the page: language, zone, names. */
export const lang = document.documentElement.lang;
export const zh = lang.startsWith("zh");

/** @type {{zone: string, offset: string, name: string, words: string[]}} */
export const site = JSON.parse(document.getElementById("site").textContent);
