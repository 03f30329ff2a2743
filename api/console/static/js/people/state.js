/** What the page of people knows: who is there, who is on duty, what will lack, and what is being edited. */
import { signal } from "../vendor.js";
import { get, request } from "../http.js";

export const SORTS = ["people", "units", "areas", "rosters", "plans"];
export const DAYS = 14;

export const kept = signal({ people: [], units: [], areas: [], rosters: [], plans: [] });
export const onDuty = signal(null);
export const outlook = signal(null);
export const duties = signal({});
export const role = signal("viewer");
export const problem = signal("");
/** The one being edited: {sort, id, etag, body}; id empty for a new one. */
export const editing = signal(null);
export const mistakes = signal([]);

const name = (one, zh) => (zh ? one.name_zh || one.name_en : one.name_en || one.name_zh) || one.id;

/** @param {string} id @param {boolean} zh */
export function called(id, zh) {
  const one = kept.value.people.find((each) => each.id === id);
  return one ? name(one, zh) : id;
}

/** @param {{id: string, name_zh?: string, name_en?: string}} one @param {boolean} zh */
export const titled = (one, zh) => name(one, zh);

export async function refresh() {
  try {
    const [lists, now, ahead] = await Promise.all([Promise.all(SORTS.map((sort) => get(`/v1/${sort}`))), get("/v1/on-duty"), get("/v1/preflight")]);
    const found = Object.fromEntries(SORTS.map((sort, place) => [sort, lists[place].items]));
    const shifts = await Promise.all(found.rosters.map((one) => get(`/v1/rosters/${one.id}/duties`)));
    duties.value = Object.fromEntries(found.rosters.map((one, place) => [one.id, shifts[place].items]));
    [kept.value, onDuty.value, outlook.value, problem.value] = [found, now.items, ahead, ""];
  } catch (error) {
    problem.value = error.message;
  }
}

/** @param {string} sort @param {string} id */
export async function edit(sort, id) {
  mistakes.value = [];
  if (!id) {
    editing.value = { sort, id: "", etag: "", body: {} };
    return;
  }
  const answer = await request(`/v1/${sort}/${id}`);
  const { version, ...body } = await answer.json();
  editing.value = { sort, id, etag: `"${version}"`, body };
}

/** @param {string} id @param {object} body */
export async function save(id, body) {
  const { sort, etag } = editing.value;
  await send(`/v1/${sort}/${id}`, { method: "PUT", body: JSON.stringify(body), headers: { "Content-Type": "application/json", ...(etag && { "If-Match": etag }) } });
}

export async function remove() {
  const { sort, id, etag } = editing.value;
  await send(`/v1/${sort}/${id}`, { method: "DELETE", headers: { "If-Match": etag } });
}

/** @param {string} roster @param {object} body */
export async function override(roster, body) {
  await send(`/v1/rosters/${roster}/overrides`, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
}

/** @param {string} roster @param {File} file @param {string} etag */
export async function calendar(roster, file, etag) {
  await send(`/v1/rosters/${roster}.ics`, { method: "PUT", body: await file.text(), headers: { "Content-Type": "text/calendar", ...(etag && { "If-Match": etag }) } });
}

async function send(path, options) {
  try {
    await request(path, options);
    [editing.value, mistakes.value] = [null, []];
    await refresh();
    outlook.value = await get("/v1/preflight?fresh=true");
  } catch (error) {
    mistakes.value = error.errors?.length ? error.errors.map((one) => `${one.field}: ${one.expected}`) : [error.message];
  }
}
