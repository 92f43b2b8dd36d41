import assert from "node:assert/strict";
import test from "node:test";

import { findInRecord } from "../../assets/scripts/record/findings.js";

const cell = (text, more = {}) => ({ name: "answer", kind: "text", text, truncated: false, ...more });
const words = (...cells) => findInRecord(cells).map((finding) => finding.words);

test("a plain text has no findings", () => {
  assert.deepEqual(words(cell("All is well.\nIndeed."), cell("日本語 العربية"), cell("")), []);
});

test("white space at the ends is named", () => {
  assert.deepEqual(words(cell(" a")), ["begins with a space"]);
  assert.deepEqual(words(cell("a\n")), ["ends with a line end"]);
  assert.deepEqual(words(cell("a   ")), ["ends with 3 spaces"]);
  assert.deepEqual(words(cell("\n\ta")), ["begins with 2 characters of white space"]);
  assert.deepEqual(words(cell(" \n ")), ["holds white space alone"]);
});

test("the end of a cut text is not known", () => {
  assert.deepEqual(words(cell("a ", { truncated: true })), []);
  assert.deepEqual(words(cell(" a", { start: 40 })), []);
});

test("what cannot be seen is listed with its place", () => {
  assert.deepEqual(words(cell("a\u200bb\u202e")), ["has what cannot be seen: U+200B at 2, U+202E at 4"]);
});

test("line ends of Windows are one finding, a lone carriage return another", () => {
  assert.deepEqual(words(cell("a\r\nb\r\nc\u200b")), [
    "has line ends of Windows (CR LF)",
    "has what cannot be seen: U+200B at 8",
  ]);
  assert.deepEqual(words(cell("a\rb")), ["has what cannot be seen: U+000D at 2"]);
});

test("text that was read in the wrong encoding is told", () => {
  assert.deepEqual(words(cell("cafÃ©")), ["looks like text that was read in the wrong encoding"]);
  assert.deepEqual(words(cell("itâ€™s")), ["looks like text that was read in the wrong encoding"]);
  assert.deepEqual(words(cell("Café, Ângela, São, £5")), []);
});

test("a column that the template uses and that is empty is told", () => {
  const found = findInRecord([cell("")], [{ column: "input", kind: "empty" }]);
  assert.deepEqual(found, [{ column: "input", words: "is empty, and the template uses it" }]);
});

test("numbers and JSON are not judged", () => {
  assert.deepEqual(words(cell(" 1", { kind: "number" }), cell("[1, ]", { kind: "json" })), []);
});
