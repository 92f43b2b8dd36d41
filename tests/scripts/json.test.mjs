import assert from "node:assert/strict";
import test from "node:test";

import { decodeString, layOut, readTokens } from "../../assets/scripts/record/json.js";

const laidOut = (spelling) =>
  layOut(spelling)
    .map(({ text }) => text)
    .join("");
const kept = (spelling) =>
  layOut(spelling)
    .filter(({ from }) => from >= 0)
    .map(({ text }) => text)
    .join("");

test("an object stands one key a line", () => {
  assert.equal(
    laidOut('{"source":"x","tags":["a","b"],"n":1}'),
    '{\n  "source": "x",\n  "tags": [\n    "a",\n    "b"\n  ],\n  "n": 1\n}',
  );
});

test("numbers keep their spelling", () => {
  const spelling = "[1.0,1e400,-0,12345678901234567890,0.1000,1E+2]";
  assert.deepEqual(
    layOut(spelling)
      .filter(({ kind }) => kind === "plain")
      .map(({ text }) => text),
    ["1.0", "1e400", "-0", "12345678901234567890", "0.1000", "1E+2"],
  );
});

test("escapes in strings stay as they are written", () => {
  assert.equal(laidOut('["\\u00e9\\/\\"", "é"]'), '[\n  "\\u00e9\\/\\"",\n  "é"\n]');
});

test("a key that stands twice stays twice", () => {
  assert.equal(laidOut('{"a":1,"a":2}'), '{\n  "a": 1,\n  "a": 2\n}');
});

test("what is empty stays on its line", () => {
  assert.equal(laidOut('{"a":{},"b":[ ],"c":""}'), '{\n  "a": {},\n  "b": [],\n  "c": ""\n}');
});

test("a value alone is itself", () => {
  for (const spelling of ["1.50", "true", "null", '"x\\n"', '""']) assert.equal(laidOut(spelling), spelling);
});

test("white space within strings is kept, between them it is not", () => {
  assert.equal(laidOut('{ "a b" :\r\n\t"c  d" }'), '{\n  "a b": "c  d"\n}');
});

test("every sign outside white space is shown, each at its place", () => {
  for (const spelling of [
    '{"a":[1,{"b":null}],"c":"x{y}[z],:"}',
    '{"a":"cut off in the mid',
    '{"a":[1,2,',
    '"ends in a backslash\\',
    "]]}{{",
    '{"__proto__":{"constructor":1}}',
    "[".repeat(200) + "]".repeat(200),
  ]) {
    assert.equal(kept(spelling), spelling);
    for (const { text, from } of layOut(spelling))
      if (from >= 0) assert.equal(spelling.slice(from, from + text.length), text);
  }
});

test("a key is told from a text", () => {
  const kinds = layOut('{"a":"b"}').map(({ kind, text }) => `${kind} ${text}`);
  assert.deepEqual(
    kinds.filter((kind) => !kind.startsWith("space")),
    ["{ {", 'key "a"', ": :", 'string "b"', "} }"],
  );
});

test("tokens say where they begin", () => {
  assert.deepEqual(
    readTokens(' {"a": 1}').map(({ from }) => from),
    [1, 2, 5, 7, 8],
  );
});

test("a string is decoded with the place of each of its units", () => {
  const { text, starts, open } = decodeString('"a\\n\\u00e9\\ud83d\\ude00b"');
  assert.equal(text, "a\né😀b");
  assert.deepEqual(starts, [1, 2, 4, 10, 16, 22, 23]);
  assert.equal(open, false);
  assert.equal(decodeString('"cut').open, true);
  assert.equal(decodeString('"cut\\"').open, true);
});
