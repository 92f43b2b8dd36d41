import assert from "node:assert/strict";
import test from "node:test";

import { draftOf, draftsElsewhere, dropDraft, hasDrafts, keepDraft } from "../../assets/scripts/record/drafts.js";

test("a draft is kept for its table, row and column, until it is dropped", () => {
  assert.equal(hasDrafts(), false);
  keepDraft("t", 1, "answer", "new");
  keepDraft("t", 1, "answer", "newer");
  assert.equal(draftOf("t", 1, "answer"), "newer");
  assert.equal(draftOf("t", 2, "answer"), undefined);
  assert.equal(draftOf("other", 1, "answer"), undefined);
  assert.deepEqual(draftsElsewhere("t", 1), []);
  assert.deepEqual(
    draftsElsewhere("t", 2).map(({ row, column }) => [row, column]),
    [[1, "answer"]],
  );
  dropDraft("t", 1, "answer");
  assert.equal(hasDrafts(), false);
});

test("an empty draft is a draft", () => {
  keepDraft("t", 0, "", "");
  assert.equal(draftOf("t", 0, ""), "");
  dropDraft("t", 0, "");
});
