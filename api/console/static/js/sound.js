/** The alarm: three patterns by severity, made here (no files), repeated until somebody acknowledges; a blocked sound is shown. */
import { computed, signal } from "./vendor.js";

const PATTERNS = { 1: [880, 660, 880, 660, 880], 2: [740, 740], 3: [520], 4: [] };
const REPEAT = { 1: 4000, 2: 8000, 3: 30000 };

/** @type {AudioContext | null} */
let audio = null;
let timer = 0;
let worst = 0;

export const wanted = signal(localStorage.getItem("sound") !== "off");
const running = signal(false);

/** True when alarms would not be heard although they should be. */
export const blocked = computed(() => wanted.value && !running.value);

/** Begin on a click or a key: browsers let no page make a sound before. */
export async function unlock() {
  audio ??= new AudioContext();
  audio.onstatechange = () => (running.value = audio?.state === "running");
  await audio.resume().catch(() => undefined);
  const before = running.value;
  running.value = audio.state === "running";
  if (!before && running.value && worst) play(worst);
}

export function toggle() {
  wanted.value = !wanted.value;
  localStorage.setItem("sound", wanted.value ? "on" : "off");
  if (wanted.value) unlock().then(() => play(3));
}

/** @param {number} level */
export function play(level) {
  if (!audio || audio.state !== "running" || !wanted.value) return;
  PATTERNS[level].forEach((pitch, place) => {
    const start = audio.currentTime + place * 0.19;
    const tone = new OscillatorNode(audio, { frequency: pitch, type: "triangle" });
    const gain = new GainNode(audio, { gain: 0 });
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(0.35, start + 0.02);
    gain.gain.linearRampToValueAtTime(0, start + 0.17);
    tone.connect(gain).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.18);
  });
}

/** Sound for the worst level that nobody has acknowledged (0: quiet); repeats while it stands, and begins again with each new one. @param {number} level @param {boolean} [fresh] */
export function alarm(level, fresh = false) {
  if (level === worst && !fresh) return;
  worst = level;
  clearInterval(timer);
  if (!PATTERNS[level]?.length) return;
  play(level);
  timer = setInterval(() => play(level), REPEAT[level]);
}

for (const name of ["click", "keydown"]) addEventListener(name, () => wanted.value && !running.value && unlock(), { passive: true });
