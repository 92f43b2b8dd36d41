/* The arithmetic of a chart: scales, round ticks, smoothing, the nearest point. Knows numbers alone. */

/** A scale from [low, high] to [from, to]; `at` gives the place of a value, `from` the value of a place. */
export function makeScale(low, high, from, to, { log = false } = {}) {
  const [bend, straighten] = log ? [Math.log, Math.exp] : [same, same];
  const [start, room] = [bend(low), bend(high) - bend(low) || 1];
  return {
    low,
    high,
    at: (value) => from + ((bend(value) - start) / room) * (to - from),
    value: (place) => straighten(start + ((place - from) / (to - from)) * room),
  };
}

const same = (value) => value;

/** The least and the greatest value, with a little air; of a logarithmic scale the positive ones alone. */
export function rangeOf(values, { log = false } = {}) {
  const fitting = values.filter((value) => Number.isFinite(value) && (!log || value > 0));
  if (!fitting.length) return null;
  const [low, high] = [fitting.reduce((a, b) => Math.min(a, b)), fitting.reduce((a, b) => Math.max(a, b))];
  if (log) return low === high ? [low / 1.1, high * 1.1] : widen(low, high, (high / low) ** 0.04);
  const air = (high - low) * 0.04 || Math.abs(high) * 0.1 || 1;
  return [low >= 0 ? Math.max(0, low - air) : low - air, high + air];
}

const widen = (low, high, by) => [low / by, high * by];

/** Round values between low and high, about `most` of them: 1, 2 or 5 times a power of ten apart. */
export function ticks(low, high, most = 5) {
  const rough = (high - low) / most;
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((size) => size >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => round((first + i) * step));
}

/** The same for a logarithmic scale: powers of ten where it is wide, some values between them where it is not, and
 * where it is narrow the ticks of a straight one. */
export function logTicks(low, high, most = 6) {
  const decades = Math.log10(high / low);
  if (decades < 0.4) return ticks(low, high, most).filter((value) => value > 0);
  const every = Math.max(1, Math.ceil(decades / most));
  const digits = decades < 1.3 ? [1, 1.5, 2, 3, 5, 7] : decades <= most / 3 ? [1, 2, 5] : [1];
  const found = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1)
    if (digits.length > 1 || power % every === 0)
      for (const digit of digits) found.push(round(digit * 10 ** power));
  return found.filter((value) => value >= low * 0.999 && value <= high * 1.001);
}

const round = (value) => Number(value.toPrecision(12));

/** Ticks of whole steps. */
export const stepTicks = (high, most = 5) => ticks(0, high, most).filter(Number.isInteger);

/** A running mean of the values (exponential, as TensorBoard's: without the pull of the first value). `weight` 0
 * leaves them as they are; the nearer to 1 the smoother. */
export function smooth(points, weight) {
  if (!weight) return points;
  let [sum, share] = [0, 0];
  return points.map(([step, value]) => {
    sum = sum * weight + value * (1 - weight);
    share = share * weight + (1 - weight);
    return [step, sum / share];
  });
}

/** The index of the point whose step is nearest; -1 where there is none. Points are in the order of their steps. */
export function nearest(points, step) {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle][0] < step) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return points.length ? 0 : -1;
  if (low === points.length) return low - 1;
  return step - points[low - 1][0] <= points[low][0] - step ? low - 1 : low;
}

/** About `most` points that look the same: of each stretch the first, the least, the greatest and the last. */
export function thin(points, most = 800) {
  if (points.length <= most) return points;
  const size = Math.ceil((4 * points.length) / most);
  const kept = [];
  for (let start = 0; start < points.length; start += size) {
    const stretch = points.slice(start, start + size);
    const by = (better) => stretch.reduce((one, other) => (better(other[1], one[1]) ? other : one));
    const chosen = new Set([stretch[0], by((a, b) => a < b), by((a, b) => a > b), stretch.at(-1)]);
    kept.push(...stretch.filter((point) => chosen.has(point)));
  }
  return kept;
}
