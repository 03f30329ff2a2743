/** The one door to the vendored files. */
export * from "/static/vendor/ui.js";
