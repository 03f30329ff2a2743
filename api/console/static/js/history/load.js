/** What is asked for as the view changes: first the lines, which are what the reader waits for, then what stands around them. */
import { computed, effect, signal } from "../vendor.js";
import { course, limits, other, pixels, summary } from "./ask.js";
import { refused, stretches } from "./flags.js";
import { asked, chosen } from "./limit.js";
import { lines, span, view } from "./view.js";

/** By a line's key. */
export const courses = signal(new Map());
export const others = signal(new Map());
export const known = signal(new Map());
export const rows = signal(new Map());
export const flags = signal(new Map());
/** What the hub refused, by what was asked. */
export const problems = signal(new Map());
export const busy = signal(0);
/** How many pixels the chart is wide. */
export const width = signal(0);

/** The limit of a line that is drawn and judged by. @param {string} key */
export const limitOf = (key) => chosen(known.value.get(key) ?? [], view.value.limit);

let turn = 0;

const put = (store, key, value) => (store.value = new Map(store.value).set(key, value));

/** Ask; an answer that comes after the view has changed again is dropped. */
async function take(mine, store, key, call) {
  busy.value += 1;
  try {
    const found = await call();
    if (mine === turn) put(store, key, found);
    return found;
  } catch (error) {
    if (mine === turn) put(problems, key, error);
    return null;
  } finally {
    busy.value -= 1;
  }
}

async function every(list, call) {
  const waiting = [...list];
  const worker = async () => {
    for (let one = waiting.shift(); one; one = waiting.shift()) await call(one);
  };
  // A browser has six connections to one hub, of which one is the live stream's.
  await Promise.all([worker(), worker(), worker()]);
}

async function load(all, range, step, back, columns) {
  const mine = ++turn;
  problems.value = new Map();
  rows.value = new Map();
  others.value = new Map();
  flags.value = new Map();
  const keys = new Set(all.map((line) => line.key));
  courses.value = new Map([...courses.value].filter(([key]) => keys.has(key)));
  await every(all, (line) => take(mine, courses, line.key, () => course(line, range, step, columns)));
  await every(all, (line) => mine === turn && take(mine, known, line.key, () => limits(line, range)));
  if (back) await every(all, (line) => mine === turn && take(mine, others, line.key, () => other(line, range, step, back)));
  if (mine !== turn) return;
  for (const line of all) if (step === "raw" && courses.value.has(line.key)) put(flags, line.key, flagsOf(courses.value.get(line.key)));
  await judge(mine, all, range, back);
  if (step !== "raw") {
    const flagged = all.filter((line) => courses.value.get(line.key)?.invalid.some(Boolean));
    await every(flagged, (line) => mine === turn && take(mine, flags, line.key, async () => flagsOf(await pixels(line, range, columns))));
  }
}

const flagsOf = (line) => ({ stretches: stretches(line), refused: refused(line) });

const judge = (mine, all, range, back) =>
  every(all, (line) => mine === turn && take(mine, rows, line.key, () => summary(line, range, asked(limitOf(line.key)), back)));

const question = computed(() => JSON.stringify([lines.value.map((line) => line.key), span.value, view.value.step, view.value.compare, width.value]));
const judged = computed(() => view.value.limit);

/** Follow the view from now on. */
export function follow() {
  effect(() => {
    void question.value;
    const [all, range, { step, compare }] = [lines.peek(), span.peek(), view.peek()];
    // Later, because what it reads first must not become a reason to ask again.
    if (width.peek() && all.length) queueMicrotask(() => load(all, range, step, compare, width.peek()));
    else turn += 1;
  });
  let first = true;
  effect(() => {
    void judged.value;
    if (!first) queueMicrotask(() => judge(turn, lines.peek(), span.peek(), view.peek().compare));
    first = false;
  });
}
