/** Pixels to metres by the ground points, for what is drawn on the picture only: the hub's own fit decides. Two unknowns' worth of equations a point, least squares. */

const A = 6378137;
const E2 = 6.694379990141e-3;

/** Metres in a degree of longitude and of latitude. @param {number} lat */
export function perDegree(lat) {
  const phi = (lat * Math.PI) / 180;
  const curve = 1 - E2 * Math.sin(phi) ** 2;
  return [((A / Math.sqrt(curve)) * Math.cos(phi) * Math.PI) / 180, ((A * (1 - E2)) / curve ** 1.5 * Math.PI) / 180];
}

const inDegrees = (point) => Number.isFinite(point.lon) && Number.isFinite(point.lat);
const mean = (values) => values.reduce((sum, one) => sum + one, 0) / values.length;

/** The ground points as metres, null while one has no place. */
function metresOf(points) {
  if (points.every(inDegrees)) {
    const [lon, lat] = [mean(points.map((one) => one.lon)), mean(points.map((one) => one.lat))];
    const [east, north] = perDegree(lat);
    return points.map((one) => [(one.lon - lon) * east, (one.lat - lat) * north]);
  }
  return points.every((one) => Number.isFinite(one.east) && Number.isFinite(one.north)) ? points.map((one) => [one.east, one.north]) : null;
}

/** Solves the square system by elimination with pivots; null where it has no one answer. */
function solve(rows) {
  const n = rows.length;
  for (let at = 0; at < n; at += 1) {
    const pivot = rows.slice(at).reduce((best, row, k) => (Math.abs(row[at]) > Math.abs(rows[best][at]) ? at + k : best), at);
    [rows[at], rows[pivot]] = [rows[pivot], rows[at]];
    if (Math.abs(rows[at][at]) < 1e-12) return null;
    for (let below = 0; below < n; below += 1) {
      if (below === at) continue;
      const share = rows[below][at] / rows[at][at];
      for (let k = at; k <= n; k += 1) rows[below][k] -= share * rows[at][k];
    }
  }
  return rows.map((row, at) => row[n] / row[at]);
}

/** The map that takes `from` to `to` (four pairs or more), both moved to the origin and scaled first, so that the equations stay even. */
function fitted(from, to) {
  const normal = (points) => {
    const [x, y] = [mean(points.map((one) => one[0])), mean(points.map((one) => one[1]))];
    const scale = 1 / (mean(points.map((one) => Math.hypot(one[0] - x, one[1] - y))) || 1);
    return { there: (p) => [(p[0] - x) * scale, (p[1] - y) * scale], back: (p) => [p[0] / scale + x, p[1] / scale + y] };
  };
  const [a, b] = [normal(from), normal(to)];
  const sums = Array.from({ length: 8 }, () => Array(9).fill(0));
  from.forEach((point, n) => {
    const [[x, y], [u, v]] = [a.there(point), b.there(to[n])];
    for (const row of [[x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v]]) for (let i = 0; i < 8; i += 1) for (let k = 0; k < 9; k += 1) sums[i][k] += row[i] * row[k];
  });
  const h = solve(sums);
  if (!h) return null;
  return (point) => {
    const [x, y] = a.there(point);
    const depth = h[6] * x + h[7] * y + 1;
    return depth > 1e-6 ? b.back([(h[0] * x + h[1] * y + h[2]) / depth, (h[3] * x + h[4] * y + h[5]) / depth]) : null;
  };
}

/** @param {any[]} points the draft's ground points @returns {null | {ground: (p: number[]) => number[] | null, pixel: (m: number[]) => number[] | null, metres: number[][]}} */
export function planeOf(points) {
  const metres = points.length >= 4 ? metresOf(points) : null;
  if (!metres) return null;
  const pixels = points.map((one) => [one.x, one.y]);
  const [ground, pixel] = [fitted(pixels, metres), fitted(metres, pixels)];
  return ground && pixel ? { ground, pixel, metres } : null;
}
