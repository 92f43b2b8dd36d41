import assert from "node:assert/strict";
import test from "node:test";

import { bodyOf, describeAmong, readAmong, writeAmong } from "../../assets/scripts/browse/among.js";
import { askRows, isNarrowed, matchOf, NO_QUERY, readQuery, writeQuery } from "../../assets/scripts/browse/query.js";

const CHECK = "9c".repeat(16);
const CUT = { check: CHECK, finding: "answer-cut", tokens: "", maxLength: 512 };
const SURVEYED = { survey: "4d".repeat(16), finding: "refusal" };
const BAR = { check: CHECK, finding: "", tokens: "120-139", maxLength: null };

function travel(query) {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(writeQuery(query)))
    for (const one of [value].flat()) if (one != null) params.append(key, one);
  return readQuery(new URLSearchParams(params.toString()));
}

test("an address keeps what a check found", () => {
  for (const among of [CUT, BAR, SURVEYED, { ...CUT, maxLength: null }])
    assert.deepEqual(travel({ ...NO_QUERY, among }).among, among);
  assert.equal(travel(NO_QUERY).among, null);
});

test("an address that names no check, or nothing or too much of it, asks for no finding", () => {
  const odd = [
    { finding: "answer-cut" },
    { check: CHECK },
    { check: CHECK, finding: "answer-cut", tokens: "1-2" },
    { check: `${CHECK}0`, finding: "answer-cut" },
    { check: CHECK, tokens: "1" },
    { check: CHECK, finding: "<script>" },
    { ...SURVEYED, check: CHECK },
    { survey: SURVEYED.survey, tokens: "1-2" },
  ];
  for (const one of odd) assert.equal(readAmong(new URLSearchParams(one)), null);
  const params = new URLSearchParams({ ...{ check: CHECK, finding: "too-long" }, max_length: "-3" });
  assert.equal(readAmong(params).maxLength, null);
});

test("what a check found narrows, and is part of what matches", () => {
  const query = { ...NO_QUERY, among: CUT };
  assert.equal(isNarrowed(query), true);
  assert.deepEqual(matchOf(query).among, bodyOf(CUT));
  assert.equal("among" in matchOf(NO_QUERY), false);
  assert.deepEqual(matchOf({ ...query, among: SURVEYED }).among, SURVEYED);
  const { check, finding, tokens, max_length } = askRows(query);
  assert.deepEqual([check, finding, tokens, max_length], [CHECK, "answer-cut", null, 512]);
});

test("a link may name only what it asks for", () => {
  assert.deepEqual(writeAmong({ check: CHECK, tokens: "1-2" }), {
    check: CHECK,
    survey: null,
    finding: null,
    tokens: "1-2",
    max_length: null,
  });
});

test("it is said in words", () => {
  assert.equal(describeAmong(CUT), "Finding: Answer cut");
  assert.equal(describeAmong(SURVEYED), "Quality: Boilerplate refusals");
  assert.equal(describeAmong(BAR), "Tokens: 120 to 139");
  assert.equal(describeAmong({ ...BAR, tokens: "7-7" }), "Tokens: 7");
  assert.equal(describeAmong({ ...CUT, finding: "to-string" }), "Finding: to-string");
});
