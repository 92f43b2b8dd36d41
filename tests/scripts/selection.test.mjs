import assert from "node:assert/strict";
import test from "node:test";

import {
  extendTo,
  listRows,
  NOTHING,
  pageState,
  togglePage,
  toggleRow,
} from "../../assets/scripts/browse/selection.js";

const PAGE = [42, 167, 382, 433, 538];

test("a row is selected and let go", () => {
  const one = toggleRow(NOTHING, 42);
  assert.deepEqual(listRows(one), [42]);
  assert.deepEqual(listRows(toggleRow(one, 42)), []);
  assert.deepEqual(listRows(NOTHING), []);
});

test("a range goes by the page's order, up and down", () => {
  assert.deepEqual(listRows(extendTo(toggleRow(NOTHING, 167), 433, PAGE)), [167, 382, 433]);
  assert.deepEqual(listRows(extendTo(toggleRow(NOTHING, 433), 42, PAGE)), [42, 167, 382, 433]);
  const sorted = [9, 1, 5];
  assert.deepEqual(listRows(extendTo(toggleRow(NOTHING, 9), 1, sorted)), [1, 9]);
});

test("a range from a row that was let go lets go", () => {
  const all = togglePage(NOTHING, PAGE);
  assert.deepEqual(listRows(extendTo(toggleRow(all, 167), 433, PAGE)), [42, 538]);
});

test("a range without a beginning on the page is one row", () => {
  assert.deepEqual(listRows(extendTo(toggleRow(NOTHING, 5), 42, PAGE)), [5, 42]);
  assert.deepEqual(listRows(extendTo(NOTHING, 42, PAGE)), [42]);
});

test("a page is selected whole, and what was selected elsewhere stays", () => {
  const mixed = toggleRow(toggleRow(NOTHING, 7), 42);
  assert.equal(pageState(mixed, PAGE), "mixed");
  const whole = togglePage(mixed, PAGE);
  assert.equal(pageState(whole, PAGE), "true");
  assert.deepEqual(listRows(togglePage(whole, PAGE)), [7]);
  assert.equal(pageState(NOTHING, PAGE), "false");
});
