/* The scale of the histogram of token lengths: where a length stands, which length stands at a place, where the keys
   move the max length, and the words for all of it. Knows nothing of the page. */

import { LEAST_LENGTH, MOST_LENGTH } from "./tokenizer.js";
import { count, counted } from "../words.js";

const ROOM = 1.12; // the scale ends a little beyond the longest record, so that the line has room there
const FAR = 2; // a max length beyond so many times the longest record stands at the edge
const TICKS = 4;
const REST = 2; // times the width of the others that a bar is drawn at most
const LEAST_HEIGHT = 2; // percent of the height that a bar of one record still has

/** The scale {low, high} for bars [{low, high, count}] and a max length; it never shrinks below `before`. */
export function scaleOf(bars, limit, before = null) {
  const first = bars[0]?.low ?? 0;
  const last = bars.length ? drawnEnd(bars, bars.length - 1) : 1;
  const near = limit != null && limit <= last * FAR ? limit * 1.02 : 0;
  const high = Math.round(Math.max(last * ROOM, near, before?.high ?? 0));
  return { low: first > high / 2 ? first : 0, high };
}

/** Where a length stands, in percent from the left; what is off the scale stands at its edge. */
export const placeOf = ({ low, high }, length) =>
  Math.min(100, Math.max(0, (100 * (length - low)) / (high - low)));

/** The max length for a place in percent. */
export const lengthAt = ({ low, high }, place) => clampLength(low + (place / 100) * (high - low));

export const clampLength = (value) => Math.min(MOST_LENGTH, Math.max(LEAST_LENGTH, Math.round(value)));

/** The lengths that are named under the bars: [{length, place}]. */
export const ticksOf = (scale) =>
  Array.from({ length: TICKS + 1 }, (_, i) => {
    const length = Math.round(scale.low + ((scale.high - scale.low) * i) / TICKS);
    return { length, place: (100 * i) / TICKS };
  });

/** Where a bar ends as it is drawn: the last may hold the rest of a long tail, which would push all others aside. */
function drawnEnd(bars, at) {
  const [before, bar] = [bars[at - 1], bars[at]];
  const width = before ? before.high - before.low : Infinity;
  return bar.high - bar.low > REST * width ? bar.low + REST * width : bar.high;
}

/** The bars as they are drawn: [{left, width, height, over}] in percent; `over` where every record is too long. */
export function drawnBars(bars, scale, limit) {
  const most = Math.max(1, ...bars.map((bar) => bar.count));
  return bars.map((bar, at) => ({
    left: placeOf(scale, bar.low),
    width: placeOf(scale, drawnEnd(bars, at)) - placeOf(scale, bar.low),
    height: bar.count ? Math.max(LEAST_HEIGHT, (100 * bar.count) / most) : 0,
    over: limit != null && bar.low > limit,
  }));
}

/** The max length after a key, or null where the key means nothing. */
export function moveLength(key, value, { low, high }, longest) {
  const page = Math.max(8, Math.round((high - low) / 10));
  const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -page, PageUp: page };
  if (key in steps) return clampLength(value + steps[key]);
  if (key === "Home") return LEAST_LENGTH;
  return key === "End" ? highestLength(value, longest) : null;
}

/** The highest max length that the line goes to: there every record fits. */
export const highestLength = (value, longest) => Math.max(clampLength(longest), value);

/** "512 tokens: 1,258 fit, 2 cut, 0 lost". */
export const sayLimit = (limit, { fit, cut, lost }) =>
  `${counted(limit, "token")}: ${count(fit)} fit, ${count(cut)} cut, ${count(lost)} lost`;

/** "120 to 139 tokens, 63 records". */
export const describeBar = ({ low, high, count: records }) =>
  `${nameRange(low, high)}, ${counted(records, "record")}`;

function nameRange(low, high) {
  const last = high - 1;
  return low === last ? counted(low, "token") : `${count(low)} to ${counted(last, "token")}`;
}

/** A bar's lengths in the page's address, the last one included. */
export const spellRange = ({ low, high }) => `${low}-${high - 1}`;

/** "median 38 · p95 58 · p99 71 · max 88". */
export const summarise = ({ median, p95, p99, max }) =>
  [`median ${figure(median)}`, `p95 ${figure(p95)}`, `p99 ${figure(p99)}`, `max ${figure(max)}`].join(" · ");

const figure = (value) => (Number.isInteger(value) ? count(value) : String(Number(value.toFixed(1))));

/** How far a pass is: "first 10,000 of 1,000,000 records"; "" once it is over. */
export const sayProgress = ({ state, done, total }) =>
  state === "running" && done ? `first ${count(done)} of ${counted(total, "record")}` : "";
