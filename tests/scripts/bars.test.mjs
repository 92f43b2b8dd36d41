import assert from "node:assert/strict";
import test from "node:test";

import { conditionOf, figuresOf, heightsOf, labelBar } from "../../assets/scripts/browse/bars.js";

const NONE = { missing: 0, null: 0, empty: 0, sampled: null, distinct: null, bars: [] };
const LENGTHS = { ...NONE, name: "question", shape: "text", low: 18, high: 126 };

test("a bar says what a click on it does", () => {
  assert.equal(
    labelBar(LENGTHS, { low: 100, high: 119, count: 63 }),
    "question: 100 to 119 characters, 63 records. Filter",
  );
  assert.equal(labelBar(LENGTHS, { low: 1, high: 1, count: 1 }), "question: 1 character, 1 record. Filter");
  assert.equal(
    labelBar({ ...NONE, name: "n", shape: "number" }, { low: -1.5, high: 2000, count: 2 }),
    "n: -1.5 to 2,000, 2 records. Filter",
  );
  assert.equal(
    labelBar({ ...NONE, name: "", shape: "category" }, { value: "edit", count: 1234 }),
    '"": edit, 1,234 records. Filter',
  );
});

test("a bar stands for the condition that gives its records", () => {
  assert.deepEqual(conditionOf(LENGTHS, { low: 1, high: 5 }), {
    column: "question",
    is: "length",
    value: [1, 5],
  });
  assert.deepEqual(conditionOf({ name: "n", shape: "number" }, { low: 1, high: 5 }), {
    column: "n",
    is: "number",
    value: [1, 5],
  });
  assert.deepEqual(conditionOf({ name: "b", shape: "boolean" }, { value: true }), {
    column: "b",
    is: "one-of",
    value: ["true"],
  });
});

test("the least bar can be seen, and an empty one is none", () => {
  assert.deepEqual(
    heightsOf([{ count: 100_000 }, { count: 50_000 }, { count: 1 }, { count: 0 }]),
    [100, 50, 6, 0],
  );
  assert.deepEqual(heightsOf([]), []);
});

test("the figures below say the range and what is lacking", () => {
  assert.deepEqual(figuresOf(LENGTHS, 10), {
    range: "18–126 chars",
    share: "",
    detail: "Every record has it",
    sampled: "",
  });
  const lacking = figuresOf({ ...LENGTHS, empty: 7, null: 1, sampled: 5000 }, 10);
  assert.deepEqual([lacking.share, lacking.detail], ["80 % empty", "1 null · 7 empty"]);
  assert.equal(lacking.sampled, "From a sample of 5,000 records");
  assert.equal(figuresOf({ ...LENGTHS, missing: 1 }, 1000).share, "0.1 % missing");
});

test("a range is short for numbers of any size", () => {
  const range = (low, high) => figuresOf({ ...NONE, name: "n", shape: "number", low, high }, 1).range;
  assert.equal(range(1, 5), "1–5");
  assert.equal(range(-0.123456789, 3.14159265), "-0.1235–3.142");
  assert.equal(range(1e-9, 123456789012), "1.0e-9–1.2e+11");
  assert.equal(range(null, null), "");
  assert.equal(figuresOf({ ...NONE, name: "t", shape: "category", distinct: 55 }, 1).range, "55 values");
});
