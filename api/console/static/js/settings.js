/** Theme and logging out; language is a link, because the server writes the page in it. */
const theme = localStorage.getItem("theme");
if (theme) document.documentElement.dataset.theme = theme;

document.getElementById("theme")?.addEventListener("click", () => {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
  const next = now === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  localStorage.setItem("theme", next);
});

document.getElementById("logout")?.addEventListener("click", async () => {
  const { csrf } = await (await fetch("/v1/session")).json();
  await fetch("/v1/session", { method: "DELETE", headers: { "X-CSRF-Token": csrf ?? "" } });
  location.assign("/login");
});

// A menu that stays open over the page is in the way of what is below it.
const more = document.querySelector("details.more");
document.addEventListener("click", (event) => more?.open && !more.contains(event.target) && (more.open = false));
more?.addEventListener("keydown", (event) => event.key === "Escape" && ((more.open = false), more.querySelector("summary").focus()));
