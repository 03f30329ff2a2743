/** What the phone itself does: where it is, photos made small, their SHA-256, and the way there. */
const SIDES = [1600, 1280, 1024, 800];
const MOST = 300 * 1024;

/** Whether the browser tells places at all; it does so over HTTPS only. */
export const knowsPlace = () => isSecureContext && "geolocation" in navigator;

/** Where the phone is now. @returns {Promise<{lon: number, lat: number, accuracy_m: number} | null>} null when it cannot, or may not, say */
export function place(seconds = 12) {
  if (!knowsPlace()) return Promise.resolve(null);
  return new Promise((resolve) => {
    const found = ({ coords }) => resolve({ lon: coords.longitude, lat: coords.latitude, accuracy_m: Math.round(coords.accuracy) });
    navigator.geolocation.getCurrentPosition(found, () => resolve(null), { enableHighAccuracy: true, timeout: seconds * 1000, maximumAge: 15000 });
  });
}

/** Metres over ground; right to 0.1 % within a district. */
export function metres(one, other) {
  const east = (other.lon - one.lon) * Math.cos(((one.lat + other.lat) * Math.PI) / 360);
  return Math.hypot(east, other.lat - one.lat) * 111194.93;
}

/**
 * A photo as a JPEG of 300 KB at most, with what it shows written at its foot.
 * @param {File} file @param {string} words
 * @returns {Promise<Blob | null>} null when the browser cannot read the file
 */
export async function shrink(file, words) {
  const picture = await decode(file);
  if (picture === null) return null;
  try {
    for (const side of SIDES) {
      const canvas = draw(picture, side, words);
      for (const quality of [0.82, 0.7, 0.58]) {
        const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
        if (blob && blob.size <= MOST) return blob;
      }
    }
    return null;
  } finally {
    picture.close?.();
  }
}

async function decode(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    const url = URL.createObjectURL(file);
    const image = new Image();
    image.src = url;
    const whole = await image.decode().then(() => true, () => false);
    URL.revokeObjectURL(url);
    return whole ? image : null;
  }
}

function draw(picture, side, words) {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext("2d");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const size = Math.max(12, Math.round(canvas.width / 52));
  pen.font = `${size}px system-ui, sans-serif`;
  pen.fillStyle = "rgb(0 0 0 / 0.55)";
  pen.fillRect(0, canvas.height - size * 1.9, canvas.width, size * 1.9);
  pen.fillStyle = "#fff";
  pen.fillText(words, size * 0.6, canvas.height - size * 0.65, canvas.width - size * 1.2);
  return canvas;
}

/** SHA-256 in hexadecimal. @param {Blob} blob */
export async function sha256(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const digest = crypto.subtle ? new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)) : digestOf(bytes);
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** SHA-256 (FIPS 180-4) for pages on plain HTTP, where browsers lock their own away. */
export function digestOf(bytes) {
  const { roundKeys, start } = constants();
  const padded = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 0x20000000));
  view.setUint32(padded.length - 4, (bytes.length << 3) >>> 0);
  const state = Uint32Array.from(start);
  const words = new Uint32Array(64);
  for (let at = 0; at < padded.length; at += 64) {
    for (let i = 0; i < 16; i++) words[i] = view.getUint32(at + i * 4);
    compress(state, words, roundKeys);
  }
  const out = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => out.setUint32(i * 4, word));
  return new Uint8Array(out.buffer);
}

const turned = (x, n) => (x >>> n) | (x << (32 - n));

function compress(state, w, keys) {
  for (let i = 16; i < 64; i++) {
    const s0 = turned(w[i - 15], 7) ^ turned(w[i - 15], 18) ^ (w[i - 15] >>> 3);
    const s1 = turned(w[i - 2], 17) ^ turned(w[i - 2], 19) ^ (w[i - 2] >>> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const one = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + keys[i] + w[i]) | 0;
    const two = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => { state[i] += word; });
}

let known = null;

/** The first 32 bits of the fractional parts of the roots of the first primes. */
function constants() {
  if (known) return known;
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n);
  const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) >>> 0;
  known = { roundKeys: primes.map((n) => fraction(Math.cbrt(n))), start: primes.slice(0, 8).map((n) => fraction(Math.sqrt(n))) };
  return known;
}

/**
 * Ways to start navigation: map programs on the phone, called by their own address, nothing from the network.
 * Chinese programs want GCJ-02, everybody else WGS-84.
 * @param {{lon: number, lat: number, gcj02: number[]}} to @param {string} name
 */
export function ways(to, name) {
  const [lon, lat] = to.gcj02;
  const label = encodeURIComponent(name);
  const apple = /iPhone|iPad|Macintosh/.test(navigator.userAgent);
  const amap = apple ? "iosamap://path?sourceApplication=hub&" : "amapuri://route/plan/?";
  return [
    ["amap", `${amap}dlat=${lat}&dlon=${lon}&dname=${label}&dev=0&t=0`],
    ["baidu", `baidumap://map/direction?destination=name:${label}|latlng:${lat},${lon}&coord_type=gcj02&mode=driving&src=hub`],
    ["tencent", `qqmap://map/routeplan?type=drive&to=${label}&tocoord=${lat},${lon}&referer=hub`],
    ["system", apple ? `maps://?daddr=${to.lat},${to.lon}` : `geo:${to.lat},${to.lon}?q=${to.lat},${to.lon}(${label})`],
  ];
}
