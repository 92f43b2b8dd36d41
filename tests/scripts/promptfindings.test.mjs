import assert from "node:assert/strict";
import test from "node:test";

import { orderFindings, sayReport } from "../../assets/scripts/prompt/findings.js";

const finding = (code, count, blocks = false) => ({ code, title: code, count, blocks });
const RENDERED = finding("rendered", 1400);
const done = (...findings) => ({ state: "done", done: 1400, findings: [RENDERED, ...findings] });

test("what stops a launch comes first, and what was not found not at all", () => {
  const found = [
    RENDERED,
    finding("answer-cut", 2),
    finding("blank-prompt", 0),
    finding("double-start", 1, true),
  ];
  assert.deepEqual(
    orderFindings(found).map(({ code }) => code),
    ["double-start", "answer-cut"],
  );
});

test("one calm line where there is nothing to say", () => {
  assert.deepEqual(sayReport(done()), {
    text: "1,400 records render; nothing stops a launch.",
    kind: "calm",
  });
});

test("warnings are counted, and what stops a launch is said first", () => {
  assert.deepEqual(sayReport(done(finding("answer-cut", 2))), {
    text: "1,400 records render; nothing stops a launch. 1 warning to look at.",
    kind: "warn",
  });
  assert.deepEqual(sayReport(done(finding("answer-cut", 2), finding("double-start", 1, true))), {
    text: "1 finding stops a launch. 1,400 records render.",
    kind: "stop",
  });
});

test("a pass that goes on says that it has not seen all", () => {
  const { text } = sayReport({ state: "running", done: 1, findings: [finding("rendered", 1)] });
  assert.equal(text, "1 record renders so far; nothing stops a launch.");
});
