import assert from "node:assert/strict";
import test from "node:test";

import { cutAtHits } from "../../assets/scripts/browse/hits.js";
import { findTurnHits } from "../../assets/scripts/browse/turnhits.js";

const drawn = (text, hits, from) =>
  cutAtHits(text, hits, from)
    .map((piece) => (piece.hit ? `<${piece.text}>` : piece.text))
    .join("");

test("a text without hits is one piece", () => {
  assert.deepEqual(cutAtHits("plain", []), [{ text: "plain", hit: false }]);
  assert.deepEqual(cutAtHits("", []), []);
});

test("hits at the start, in the middle, side by side and at the end are marked", () => {
  assert.equal(
    drawn("abcdef", [
      [0, 1],
      [2, 3],
      [3, 4],
      [5, 6],
    ]),
    "<a>b<c><d>e<f>",
  );
});

test("a piece of a longer text has the part of a hit that lies in it", () => {
  assert.equal(
    drawn(
      "cdef",
      [
        [0, 1],
        [1, 4],
        [5, 9],
      ],
      2,
    ),
    "<cd>e<f>",
  );
});

test("hits beyond the end, empty or over one another do no harm", () => {
  assert.equal(
    drawn("abc", [
      [1, 1],
      [1, 3],
      [2, 3],
      [7, 9],
    ]),
    "a<bc>",
  );
});

function marked(spelling, word, turns) {
  const hits = [...spelling.matchAll(new RegExp(word, "g"))].map(({ index }) => [index, index + word.length]);
  return findTurnHits(spelling, hits, turns).map((spans, i) =>
    spans.map(([from, to]) => turns[i].text.slice(from, to)),
  );
}

test("a hit in the spelling is a hit in the bubble", () => {
  const spelling = '[{"role":"user","content":"a cat"},{"role":"assistant","content":"cat, cat"}]';
  assert.deepEqual(marked(spelling, "cat", [{ text: "a cat" }, { text: "cat, cat" }]), [
    ["cat"],
    ["cat", "cat"],
  ]);
});

test("escapes before a hit move it to its place", () => {
  const turns = [{ text: 'line\n"two" é cat' }];
  assert.deepEqual(marked('[{"from":"human","value":"line\\n\\"two\\" \\u00e9 cat"}]', "cat", turns), [
    ["cat"],
  ]);
});

test("a hit in a role or a key marks no bubble", () => {
  const turns = [{ text: "user" }, { text: "x" }];
  const spelling = '[{"role":"user","content":"user"},{"role":"user","content":"x"}]';
  assert.deepEqual(marked(spelling, "user", turns), [["user"], []]);
  assert.deepEqual(marked(spelling, "content", turns), [[], []]);
});

test("a turn that is cut off in the spelling is marked as far as it goes", () => {
  const turns = [{ text: "one cat and another cat" }];
  assert.deepEqual(marked('[{"role":"user","content":"one cat and ano', "cat", turns), [["cat"]]);
});

test("no hits, nothing to find", () => {
  assert.deepEqual(findTurnHits("[]", [], [{ text: "a" }]), []);
});
