import assert from "node:assert/strict";
import test from "node:test";

import { dismiss, readDismissed } from "../../assets/scripts/split/hints.js";

function storage(text) {
  const kept = new Map(text === undefined ? [] : [["studio-hints-dismissed", text]]);
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
}

test("a hint that was dismissed is remembered once", () => {
  const kept = storage();
  for (const code of ["small-test", "small-train", "small-test"]) dismiss(code, kept);
  assert.deepEqual(readDismissed(kept), ["small-test", "small-train"]);
});

test("what is kept and does not fit is as if nothing was", () => {
  for (const text of ["{", "3", '{"a":1}', "null"]) assert.deepEqual(readDismissed(storage(text)), []);
  assert.deepEqual(readDismissed(storage('["a", 3]')), ["a"]);
  assert.deepEqual(readDismissed({ getItem: () => assert.fail("no storage") }), []);
});
