/** One incident with all that belongs to it, asked for again whenever there is news of it. */
import { useEffect, useState } from "../vendor.js";
import { together } from "../http.js";
import { incidents, put, touched } from "../state.js";

/** @param {string} id Id or number. @returns {{whole: any, error: any, again: () => void}} */
export function useIncident(id) {
  const [found, setFound] = useState({ id: "", whole: null, error: null });
  const [times, setTimes] = useState(0);
  useEffect(() => {
    let current = true;
    read(id).then(
      (whole) => current && setFound({ id, whole, error: null }),
      (error) => current && setFound((before) => ({ id, whole: before.id === id ? before.whole : null, error })),
    );
    return () => (current = false);
  }, [id, touched.value, times]);
  const here = found.id === id ? found : { whole: null, error: null };
  const newest = here.whole && incidents.value.get(here.whole.id);
  const whole = newest && newest.version > here.whole.version ? { ...here.whole, ...newest } : here.whole;
  return { whole, error: here.error, again: () => setTimes(times + 1) };
}

async function read(id) {
  const [found, ladders] = together([`/v1/incidents/${id}`, `/v1/incidents/${id}/ladders`]);
  const [whole, rungs] = await Promise.all([found, ladders.catch(() => ({ items: [] }))]);
  const { alerts, log, deliveries, evidence, contract, clocks, next, merged, ...row } = whole;
  put(incidents, row);
  return { ...whole, ladders: rungs.items };
}
