/* The table of scores: before, after, the difference with its interval drawn around 0, and what it means in a word. */

import { el, svg } from "../dom.js";
import { score } from "../words.js";

const [WIDTH, HEIGHT, PAD] = [132, 20, 6]; // px of the drawn interval

// Score: its name, what it is, the better direction (0: neither), digits. As in studio/compare/differences.py.
export const SCORES = {
  loss: ["Test loss", "nats a token, lower is better", -1, 3],
  perplexity: ["Perplexity", "lower is better", -1, 1],
  bits_per_byte: ["Bits per byte", "lower is better; compares any two models", -1, 3],
  exact_match: ["Exact match", "share of records", 1, 3],
  token_f1: ["Token F1", "words in common, 0 to 1", 1, 3],
  rouge_l: ["ROUGE-L", "words in common in their order, 0 to 1", 1, 3],
  words: ["Length", "words an answer", 0, 1],
  distinct_3: ["Distinct-3", "different runs of three words, of all answers", 0, 3],
  unfinished: ["Never ends", "share that the token limit cut off", -1, 3],
};

/** The scores that were measured, as nodes, with the notes on what they cannot say. */
export function drawScores(found) {
  const heads = ["Score", "Before", "After", "Difference", "95 % interval", "Verdict"].map((text) =>
    el("th", { scope: "col", text }),
  );
  const names = Object.keys(SCORES).filter((name) => found.base[name] != null || found.tuned[name] != null);
  const table = el(
    "table",
    { class: "lines scores" },
    el("thead", {}, el("tr", {}, ...heads)),
    el("tbody", {}, ...names.map((name) => drawScore(name, found))),
  );
  const notes = (found.notes ?? []).map((text) => el("p", { class: "score-note", text }));
  return [table, ...notes];
}

function drawScore(name, { base, tuned, difference, expected = {} }) {
  const [label, words, better, digits] = SCORES[name];
  const aim = expected[name] == null ? "" : `; the expected answers: ${score(expected[name], digits)}`;
  const cells = [base[name], tuned[name]].map((value) =>
    el("td", { class: "number", text: score(value, digits) }),
  );
  const title = el("th", { scope: "row" }, `${label} `, el("small", { text: words + aim }));
  return el("tr", {}, title, ...cells, ...drawDifference(difference[name], better, digits));
}

/** The cells of a difference: its value, its interval drawn, its verdict. */
export function drawDifference(change, better, digits) {
  if (!change) return ["–", "–", "–"].map((text) => el("td", { class: "quiet", text }));
  const verdict = judge(change, better);
  const spelled = signed(change.value, digits);
  const range = change.low == null ? "one record has none" : `${signed(change.low, digits)} to ${signed(change.high, digits)}`;
  return [
    el("td", { class: `number ${verdict}`, text: spelled }),
    el(
      "td",
      { class: "number interval" },
      change.low == null ? null : drawInterval(change, verdict),
      el("span", { text: range }),
    ),
    el("td", {}, el("span", { class: `is-verdict ${verdict}`, text: verdict })),
  ];
}

/** better, worse, differs where neither way is better, or unclear where the interval holds 0. */
export function judge({ value, low, high }, better) {
  if (low == null || (low <= 0 && high >= 0)) return "unclear";
  if (!better) return "differs";
  return Math.sign(value) === better ? "better" : "worse";
}

const signed = (value, digits) => {
  const text = score(Math.abs(value), digits);
  return Number(text) === 0 ? text : `${value < 0 ? "−" : "+"}${text}`;
};

/** Where a difference and its interval stand on a line around 0, in px: {zero, from, to, at}. */
export function placeInterval({ value, low, high }, width = WIDTH) {
  const most = Math.max(Math.abs(low), Math.abs(high), Math.abs(value)) || 1;
  const place = (number) => PAD + ((number / most + 1) / 2) * (width - 2 * PAD);
  return { zero: place(0), from: place(low), to: place(high), at: place(value) };
}

function drawInterval(change, verdict) {
  const { zero, from, to, at } = placeInterval(change);
  const middle = HEIGHT / 2;
  return svg(
    "svg",
    { class: verdict, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, "aria-hidden": "true" },
    svg("line", { class: "axis", x1: 0, x2: WIDTH, y1: middle, y2: middle }),
    svg("line", { class: "zero", x1: zero, x2: zero, y1: 2, y2: HEIGHT - 2 }),
    svg("rect", { x: Math.min(from, to), y: middle - 4, width: Math.max(2, to - from), height: 8, rx: 2 }),
    svg("circle", { cx: at, cy: middle, r: 3.5 }),
  );
}
