import assert from "node:assert/strict";
import test from "node:test";

import { openedOf, sayAlike, sayCost, sayProgress, saySum, sortFindings } from "../../assets/scripts/quality/findings.js";
import { want, wantedOf } from "../../assets/scripts/quality/wanted.js";

const finding = (code, count, optional = false) => ({ code, title: code, explanation: "", count, optional });
const ANSWER = {
  findings: [finding("empty-answer", 3), finding("refusal", 0), finding("mixed-languages", 2, true), finding("emails", 0, true)],
  offered: [
    { code: "secrets", also: "secrets", title: "Secrets", explanation: "", seconds: 9 },
    { code: "near-duplicates", also: "near-duplicates", title: "Near", explanation: "", seconds: 2 },
  ],
};
const codes = (list) => list.map(({ code }) => code);

test("findings are those with records, and those that nothing was found for", () => {
  const { found, clear } = sortFindings(ANSWER, ["languages", "emails"]);
  assert.deepEqual([codes(found), codes(clear)], [["empty-answer", "mixed-languages"], ["refusal", "emails"]]);
});

test("what was looked for beyond what is wanted is not shown", () => {
  const { found, clear } = sortFindings(ANSWER, ["emails"]);
  assert.deepEqual([codes(found), codes(clear)], [["empty-answer"], ["refusal", "emails"]]);
});

test("options stand in one order, on or off, by the names that they are asked for with", () => {
  const spelled = (wanted) => sortFindings(ANSWER, wanted).options.map(({ name, on }) => `${name}${on ? "+" : "-"}`);
  assert.deepEqual(spelled(["languages"]), ["near-duplicates-", "languages+", "secrets-", "emails-"]);
  assert.deepEqual(spelled([]), ["near-duplicates-", "languages-", "secrets-", "emails-"]);
  assert.deepEqual(sortFindings({}), { found: [], clear: [], options: [] });
});

test("a survey is said in words", () => {
  assert.equal(saySum({ state: "done", records: 1400 }, 2), "2 findings in 1,400 records");
  assert.equal(saySum({ state: "done", records: 1 }, 0), "Nothing found in 1 record");
  assert.equal(saySum({ state: "running" }, 2, true), "Looking again at all records …");
  assert.equal(saySum({ state: "stopped" }, 2), "");
  assert.equal(sayProgress({ state: "running", done: 412, total: 1400 }), "412 of 1,400 records");
  assert.equal(sayProgress({ state: "running", done: 0, total: 0 }), "");
  assert.equal(sayProgress({ state: "done", done: 1400, total: 1400 }), "");
  assert.deepEqual([null, 0.999, 1].map(sayAlike), ["", "99 % alike", ""]);
  assert.deepEqual([null, 0.4, 2.4, 150].map(sayCost), ["", "", "about 2 s", "about 3 min"]);
});

test("an address opens the panel at a finding, or at none", () => {
  assert.deepEqual(["1", "empty-answer", "<b>", ""].map(openedOf), ["", "empty-answer", "", ""]);
});

test("what is wanted is kept per table, and a browser that keeps nothing wants nothing", () => {
  const kept = new Map();
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => kept.set(key, text) };
  assert.deepEqual(want("t", "emails", true, storage), ["emails"]);
  assert.deepEqual(want("t", "secrets", true, storage), ["emails", "secrets"]);
  assert.deepEqual(want("t", "emails", false, storage), ["secrets"]);
  assert.deepEqual([wantedOf("t", storage), wantedOf("u", storage)], [["secrets"], []]);
  kept.set("studio.quality.t", '{"a": 1}');
  assert.deepEqual(wantedOf("t", storage), []);
  assert.deepEqual(wantedOf("t", null), []);
});
