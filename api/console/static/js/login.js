/** Logging in; a refusal is shown in the hub's own words. */
import { Problem } from "./http.js";
import { lang } from "./site.js";

const form = document.getElementById("login");
const problem = document.getElementById("problem");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = new FormData(form);
  const answer = await fetch("/v1/session", {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept-Language": lang },
    body: JSON.stringify({ name: given.get("name"), password: given.get("password") }),
  });
  if (!answer.ok) {
    problem.textContent = new Problem(answer.status, await answer.json().catch(() => ({}))).message;
    return;
  }
  const next = new URLSearchParams(location.search).get("next") ?? "/";
  location.assign(next.startsWith("/") && !next.startsWith("//") ? next : "/");
});
