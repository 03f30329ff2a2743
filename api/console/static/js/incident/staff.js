/** What people and teams are called, so that a row says a name and not an id; asked once a page. */
import { signal } from "../vendor.js";
import { together } from "../http.js";
import { zh } from "../site.js";

const names = signal(new Map());

/** Ask for them; without the register the ids stay. */
export async function loadStaff() {
  const lists = await Promise.all(together(["/v1/people", "/v1/units"]).map((list) => list.catch(() => ({ items: [] }))));
  names.value = new Map(lists.flatMap(({ items }) => items).map((one) => [one.id, (zh ? one.name_zh || one.name_en : one.name_en || one.name_zh) || one.id]));
}

/** @param {string | null | undefined} id */
export const called = (id) => names.value.get(id ?? "") ?? id ?? "";
