import assert from "node:assert/strict";
import { test } from "node:test";

import { cutBlocks, dataOf } from "../../assets/scripts/compare/trystream.js";
import { describeAnswer, nameDecoding, nameModel } from "../../assets/scripts/compare/trywords.js";

test("a stream is cut into whole messages, and the rest is kept", () => {
  const [blocks, rest] = cutBlocks('event: text\ndata: {"a":1}\n\n: still there\n\nevent: te');
  assert.deepEqual(blocks.map(dataOf), ['{"a":1}', ""]);
  assert.equal(rest, "event: te");
  assert.deepEqual(cutBlocks("no end"), [[], "no end"]);
});

test("models and decodings are named as a person reads them", () => {
  assert.deepEqual(["base", "tuned", "step-40"].map(nameModel), ["Base", "Tuned", "Step 40"]);
  assert.equal(nameDecoding({ method: "greedy", max_new_tokens: 1 }), "greedy, 1 token at most");
  const drawn = { method: "sample", max_new_tokens: 64, temperature: 0.8, top_p: 0.95, seed: 42 };
  assert.equal(nameDecoding(drawn), "temperature 0.8, top-p 0.95, seed 42, 64 tokens at most");
});

test("an answer says how it ended, and what it took where that is known", () => {
  const answer = { tokens: 12, seconds: 0.44, finished: true, stopped: false };
  assert.equal(describeAnswer(answer), "12 tokens · 0.4 s · ended by itself");
  assert.equal(describeAnswer({ ...answer, finished: false }), "12 tokens · 0.4 s · cut at the limit");
  const cut = { tokens: null, seconds: null, finished: false, stopped: true };
  assert.equal(describeAnswer(cut), "stopped");
});
