import assert from "node:assert/strict";
import test from "node:test";

import { cutText, diffWords, invertSpans, splitWords } from "../../assets/scripts/compare/diff.js";

const show = (text, spans) =>
  cutText(text, spans, [])
    .map((piece) => (piece.marked ? `[${piece.text}]` : piece.text))
    .join("");

const extra = (expected, answer) => show(answer, diffWords(expected, answer).extra);
const missing = (expected, answer) => show(expected, diffWords(expected, answer).missing);

test("equal texts differ nowhere, white space aside", () => {
  assert.deepEqual(diffWords("It is so.", "It is so."), { extra: [], missing: [] });
  assert.deepEqual(diffWords("It is so.", "\n It  is\tso. "), { extra: [], missing: [] });
  assert.deepEqual(diffWords("", ""), { extra: [], missing: [] });
});

test("what an answer adds and what it lacks is told apart", () => {
  assert.equal(extra("the cat sat down", "the black cat sat"), "the [black] cat sat");
  assert.equal(missing("the cat sat down", "the black cat sat"), "the cat sat [down]");
});

test("words side by side are one place, with the blanks between them", () => {
  assert.equal(extra("a z", "a b c d z"), "a [b c d] z");
  assert.equal(extra("x", "no word of it"), "[no word of it]");
});

test("an empty answer lacks everything, and adds nothing", () => {
  assert.deepEqual(diffWords("all of it", ""), { extra: [], missing: [[0, 9]] });
  assert.deepEqual(diffWords("", "all of it"), { extra: [[0, 9]], missing: [] });
});

test("case and signs count; an apostrophe belongs to its word", () => {
  assert.equal(extra("Let’s go.", "let’s go!"), "[let’s] go[!]");
  assert.deepEqual(
    splitWords("don't, 3.5").map((word) => word.text),
    ["don't", ",", "3", ".", "5"],
  );
});

test("scripts without blanks are compared character by character", () => {
  assert.equal(extra("我喜欢红茶", "我喜欢绿茶"), "我喜欢[绿]茶");
  assert.equal(missing("שלום עולם", "שלום"), "שלום [עולם]");
});

test("a letter with its marks and a sign of two units stay whole", () => {
  assert.equal(extra("cafe", "cafe\u0301 😀"), "[cafe\u0301 😀]");
  assert.deepEqual(splitWords("a😀b").map(({ from, to }) => [from, to]), [
    [0, 1],
    [1, 3],
    [3, 4],
  ]);
});

test("the order of words counts", () => {
  assert.equal(extra("one two three", "three one two"), "[three] one two");
});

test("what is matched is a common subsequence of the same length in both", () => {
  const words = ["a", "b", "c", "d"];
  const text = (seed) => Array.from({ length: 30 }, (_, i) => words[(seed * (i + 3) * 7919) % 4]).join(" ");
  for (let seed = 1; seed < 40; seed += 1) {
    const [one, other] = [text(seed), text(seed + 1)];
    const { extra, missing } = diffWords(one, other);
    const rest = (whole, spans) =>
      invertSpans(spans, whole.length)
        .map(([from, to]) => whole.slice(from, to))
        .join(" ")
        .split(/\s+/)
        .filter(Boolean);
    assert.deepEqual(rest(one, missing), rest(other, extra));
  }
});

test("very long texts are compared by the words that both have", () => {
  const many = (from) => Array.from({ length: 4000 }, (_, i) => `w${from + i}`).join(" ");
  const { extra, missing } = diffWords(`x ${many(0)} y`, `z ${many(1)} v`);
  assert.deepEqual(extra[0], [0, 1]);
  assert.equal(missing[0][0], 0);
  assert.equal(extra.length, 2);
});

test("places are turned inside out", () => {
  assert.deepEqual(
    invertSpans(
      [
        [0, 2],
        [4, 5],
      ],
      9,
    ),
    [
      [2, 4],
      [5, 9],
    ],
  );
  assert.deepEqual(invertSpans([], 3), [[0, 3]]);
  assert.deepEqual(invertSpans([[0, 3]], 3), []);
});

test("marks and hits overlap without losing a character", () => {
  const pieces = cutText("abcdef", [[1, 4]], [[3, 6]]);
  assert.deepEqual(pieces, [
    { text: "a", marked: false, hit: false },
    { text: "bc", marked: true, hit: false },
    { text: "d", marked: true, hit: true },
    { text: "ef", marked: false, hit: true },
  ]);
  assert.deepEqual(cutText("", [], []), []);
});
