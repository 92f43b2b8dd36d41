import assert from "node:assert/strict";
import test from "node:test";

import { describeCondition, holdsBar, makeCondition, withBar } from "../../assets/scripts/browse/conditions.js";

test("a condition is said in words", () => {
  const words = [
    [makeCondition("answer", "contains", "x"), "answer contains x"],
    [makeCondition("answer", "contains", "x", true), "answer does not contain x"],
    [makeCondition("answer", "equals", ""), 'answer is ""'],
    [makeCondition("answer", "equals", " x "), 'answer is " x "'],
    [makeCondition("answer", "length", [100, 119]), "answer has 100 to 119 characters"],
    [makeCondition("answer", "length", [null, 5]), "answer has at most 5 characters"],
    [makeCondition("score", "number", [1.5, null]), "score is at least 1.5"],
    [makeCondition("score", "number", [4, 4], true), "score is not 4"],
    [makeCondition("task", "one-of", ["a", "b", "c", "d"]), "task is a or b or c or 1 more"],
    [makeCondition("", "empty"), '"" is empty'],
    [makeCondition("a", "missing", null, true), "a is not missing"],
  ];
  for (const [condition, said] of words) assert.equal(describeCondition(condition), said);
});

test("a long value is cut, never inside a sign", () => {
  const said = describeCondition(makeCondition("a", "contains", "😀".repeat(5000)));
  assert.equal(said, `a contains ${"😀".repeat(40)}…`);
});

test("a condition holds no value where none is asked for", () => {
  assert.deepEqual(makeCondition("a", "null", "left over"), { column: "a", is: "null" });
});

const LENGTH = makeCondition("a", "length", [1, 5]);

test("a bar joins the filters, takes the place of its neighbour, and goes away again", () => {
  const other = makeCondition("b", "empty");
  const first = withBar([other], LENGTH);
  assert.deepEqual(first, [other, LENGTH]);
  const second = withBar(first, makeCondition("a", "length", [6, 9]));
  assert.deepEqual(second, [other, makeCondition("a", "length", [6, 9])]);
  assert.deepEqual(withBar(first, LENGTH), [other]);
});

test("values of one column are joined into one condition", () => {
  const [x, y] = ["x", "y"].map((value) => makeCondition("task", "one-of", [value]));
  const both = withBar(withBar([], x), y);
  assert.deepEqual(both, [makeCondition("task", "one-of", ["x", "y"])]);
  assert.equal(holdsBar(both, y), true);
  assert.deepEqual(withBar(both, y), [x]);
  assert.deepEqual(withBar([x], x), []);
});

test("a filter turned round is no bar", () => {
  const not = makeCondition("task", "one-of", ["x"], true);
  assert.equal(holdsBar([not], makeCondition("task", "one-of", ["x"])), false);
  assert.equal(withBar([not], makeCondition("task", "one-of", ["x"])).length, 2);
});
