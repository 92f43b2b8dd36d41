import assert from "node:assert/strict";
import test from "node:test";

globalThis.addEventListener ??= () => {};
globalThis.document ??= { addEventListener() {} };
const { askCommand } = await import("../../assets/scripts/command.js");
const { NO_ASK } = await import("../../assets/scripts/compare/query.js");
const { NO_QUERY } = await import("../../assets/scripts/browse/query.js");

const KNOWN = { size: 25, row: 7, tokenizer: "org/name", maxLength: 128, wanted: ["emails", "secrets"] };
const place = (tab, more = {}) => ({ tab, table: "t", query: NO_QUERY, offset: 50, run: "r", ...more });

/** What goes into an address. */
const said = (asked) =>
  Object.fromEntries(Object.entries(asked).filter(([, value]) => value != null && value !== "" && value.length !== 0));

test("Browse asks for the line of its search, filters, order and page", () => {
  const query = { ...NO_QUERY, search: "LoRA", word: true, filters: [{ column: "a", is: "empty" }], sort: "b" };
  assert.deepEqual(said(askCommand(place("browse", { query }), { ...KNOWN, tokenizer: null, maxLength: null })), {
    stage: "browse", search: "LoRA", word: true, filter: ['{"column":"a","is":"empty"}'], sort: "b",
    offset: 50, limit: 25,
  });
});

test("what a check found is named, and not looked up, so that one that is gone has a line all the same", () => {
  const among = { check: "9c".repeat(16), finding: "answer-cut", tokens: "", maxLength: 64 };
  const asked = said(askCommand(place("browse", { query: { ...NO_QUERY, among } }), KNOWN));
  assert.equal(asked.finding, "answer-cut");
  assert.equal(asked.max_length, 64);
  assert.ok(!("check" in asked));
});

test("with the Quality panel, or what it found, its line is asked for as well", () => {
  const survey = { survey: "9c".repeat(16), finding: "emails" };
  const asked = said(askCommand(place("browse", { query: { ...NO_QUERY, among: survey } }), KNOWN));
  assert.deepEqual([asked.quality, asked.also, asked.finding], [true, "emails,secrets", "emails"]);
  assert.equal(said(askCommand(place("browse", { quality: "1" }), KNOWN)).quality, true);
  assert.ok(!("quality" in said(askCommand(place("browse"), KNOWN))));
});

test("Prompt asks with the row and the tokenizer on show, Compare with what is compared, the others with nothing", () => {
  assert.deepEqual(askCommand(place("prompt"), KNOWN), { stage: "prompt", row: 7, tokenizer: "org/name", max_length: 128 });
  const pairs = { ...NO_ASK, only: "worse", find: "x", by: "category", at: 10 };
  assert.deepEqual(said(askCommand(place("compare", { pairs }), KNOWN)), {
    stage: "compare", run: "r", left: "base", right: "tuned", sort: "order", only: "worse", search: "x", offset: 10, by: "category",
  });
  for (const tab of ["load", "split", "export", "finetune"]) assert.deepEqual(askCommand(place(tab), KNOWN), { stage: tab });
});
