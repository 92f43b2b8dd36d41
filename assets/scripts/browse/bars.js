/* The words and shapes of a column's distribution: what each bar says, which condition it stands for, how
   high it is, and the figures below. Knows nothing of the page. */

import { makeCondition, nameNumber, nameRange } from "./conditions.js";
import { count, counted, nameOf, percent } from "../words.js";

const FLOOR = 6; // percent of the height that a bar of one record still has
const SEGMENTS = ["category", "boolean"];

/** Whether the bars are values side by side, and not a row of lengths or numbers. */
export const isSegmented = ({ shape }) => SEGMENTS.includes(shape);

/** The condition that gives exactly the records of a bar. */
export function conditionOf({ name, shape }, { low, high, value }) {
  if (SEGMENTS.includes(shape)) return makeCondition(name, "one-of", [String(value)]);
  return makeCondition(name, shape === "number" ? "number" : "length", [low, high]);
}

/** "100 to 119 characters, 63 records". */
export const describeBar = (stats, bar) => `${nameBar(stats, bar)}, ${counted(bar.count, "record")}`;

/** What a screen reader says of a bar that can be clicked. */
export const labelBar = (stats, bar) => `${nameOf(stats)}: ${describeBar(stats, bar)}. Filter`;

function nameBar({ shape }, { low, high, value }) {
  if (SEGMENTS.includes(shape)) return cut(String(value)) || '""';
  const range = nameRange([low, high]);
  return shape === "number" ? range : `${range} ${low === 1 && high === 1 ? "character" : "characters"}`;
}

/** The height of each bar in percent; one that holds no record has none. */
export function heightsOf(bars) {
  const most = Math.max(1, ...bars.map((bar) => bar.count));
  return bars.map((bar) => (bar.count ? Math.max(FLOOR, Math.round((100 * bar.count) / most)) : 0));
}

/** The figures below a distribution: {range, share, detail}; "" where there is nothing to say. */
export function figuresOf(stats, records) {
  const lacking = stats.missing + stats.null + stats.empty;
  const kinds = ["missing", "null", "empty"].filter((kind) => stats[kind]);
  const word = kinds.length === 1 ? kinds[0] : "empty";
  const detail = kinds.map((kind) => `${count(stats[kind])} ${kind}`).join(" · ");
  return {
    range: rangeOf(stats),
    share: lacking ? `${percent(lacking, records)} ${word}` : "",
    detail: detail || "Every record has it",
    sampled: stats.sampled == null ? "" : `From a sample of ${counted(stats.sampled, "record")}`,
  };
}

function rangeOf({ shape, low, high, distinct, bars }) {
  if (shape === "empty") return "";
  if (SEGMENTS.includes(shape)) return counted(distinct ?? bars.length, "value");
  if (low == null || high == null) return "";
  const range = low === high ? shorten(low) : `${shorten(low)}–${shorten(high)}`;
  return shape === "number" ? range : `${range} ${high === 1 ? "char" : "chars"}`;
}

/** A number in few signs, for where there is little room. */
function shorten(n) {
  if (Number.isInteger(n) && Math.abs(n) < 1e7) return nameNumber(n);
  return Math.abs(n) >= 1e7 || (n !== 0 && Math.abs(n) < 1e-3)
    ? n.toExponential(1)
    : String(Number(n.toPrecision(4)));
}

const cut = (text) => (text.length > 60 ? `${[...text.slice(0, 120)].slice(0, 60).join("")}…` : text);
