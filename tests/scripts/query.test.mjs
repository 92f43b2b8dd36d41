import assert from "node:assert/strict";
import test from "node:test";

import {
  askRows,
  isNarrowed,
  isSameQuery,
  matchOf,
  NO_QUERY,
  readQuery,
  turnSort,
  writeQuery,
} from "../../assets/scripts/browse/query.js";

const HOSTILE = ["", "a.b", "{x}", "😀", "__proto__", "a&f=b", "${1}", "<script>", "\u202ex", "a\nb"];

function travel(query) {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(writeQuery(query)))
    for (const one of [value].flat()) if (one != null) params.append(key, one);
  return readQuery(new URLSearchParams(params.toString()));
}

test("an address keeps the whole question, whatever the names are", () => {
  for (const name of HOSTILE) {
    const filters = [
      { column: name, is: "contains", value: name },
      { column: name, is: "length", value: [null, 5], not: true },
      { column: name, is: "one-of", value: [name, "x"] },
      { column: name, is: "empty" },
    ];
    const query = {
      search: name,
      case: true,
      word: false,
      regex: true,
      filters,
      among: null,
      sort: name,
      descending: name !== "",
    };
    assert.deepEqual(travel(query), query);
  }
});

test("an empty question leaves nothing in the address", () => {
  const left = Object.values(writeQuery(NO_QUERY))
    .flat()
    .filter((value) => value != null);
  assert.deepEqual(left, []);
  assert.deepEqual(travel(NO_QUERY), { ...NO_QUERY, filters: [] });
});

test("what is no condition in an address is left out", () => {
  const bad = [
    "{",
    "null",
    "[]",
    '{"column":1,"is":"empty"}',
    '{"column":"a","is":"toString"}',
    '{"column":"a","is":"length","value":[null,null]}',
    '{"column":"a","is":"one-of","value":[]}',
    '{"column":"a","is":"contains"}',
  ];
  const params = new URLSearchParams(bad.map((text) => ["f", text]));
  params.append("f", '{"not":true,"is":"empty","column":"a","more":1}');
  assert.deepEqual(readQuery(params).filters, [{ column: "a", is: "empty", not: true }]);
});

test("options ask for nothing without a text", () => {
  assert.deepEqual(
    Object.values(askRows({ ...NO_QUERY, case: true, regex: true }))
      .flat()
      .filter((value) => value != null),
    [],
  );
  assert.equal(isSameQuery(NO_QUERY, { ...NO_QUERY, word: true }), true);
  assert.equal(askRows({ ...NO_QUERY, search: "a", word: true }).word, true);
});

test("a click on a name sorts up, then down, then not", () => {
  const up = turnSort(NO_QUERY, "a");
  const down = turnSort(up, "a");
  assert.deepEqual([up.sort, up.descending, down.sort, down.descending], ["a", false, "a", true]);
  assert.deepEqual([turnSort(down, "a").sort, turnSort(down, "b").descending], ["", false]);
});

test("an order narrows nothing, and is no part of what matches", () => {
  const sorted = { ...NO_QUERY, sort: "a" };
  assert.equal(isNarrowed(sorted), false);
  assert.equal("sort" in matchOf(sorted), false);
  assert.equal(isNarrowed({ ...NO_QUERY, search: "a" }), true);
});
