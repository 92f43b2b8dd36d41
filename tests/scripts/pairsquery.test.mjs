import assert from "node:assert/strict";
import test from "node:test";

import { NO_ASK, askPairs, readAsk, writeAsk } from "../../assets/scripts/compare/query.js";

const read = (text) => readAsk(new URLSearchParams(text));

test("an address without a word asks for the first page of all pairs", () => {
  assert.deepEqual(read(""), NO_ASK);
  assert.deepEqual(read("order=sideways&only=blue&at=-3"), NO_ASK);
});

test("an address says what is asked, and is read again as it was written", () => {
  const ask = { left: "base", right: "step-40", order: "worse", only: "marked", find: "a b", at: 20, by: "category" };
  const keys = writeAsk(ask);
  assert.equal(keys.left, null);
  const params = Object.entries(keys).filter(([, value]) => value !== null);
  assert.deepEqual(read(new URLSearchParams(params)), ask);
});

test("a request has the names of the server", () => {
  assert.deepEqual(askPairs({ ...NO_ASK, order: "loss", find: "x", at: 10 }), {
    left: "base",
    right: "tuned",
    sort: "loss",
    only: "all",
    search: "x",
    offset: 10,
    limit: 10,
  });
});
