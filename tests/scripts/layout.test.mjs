import assert from "node:assert/strict";
import test from "node:test";

import * as layouts from "../../assets/scripts/browse/layout.js";

const columnsOf = (...names) =>
  names.map((name, index) => ({ name, index, type: name === "n" ? "integer" : "text" }));
const namesOf = (columns, layout) => layouts.arrange(columns, layout).map(({ name }) => name);

test("a layout is what it was when it is read again, whatever the names are", () => {
  let layout = layouts.NO_LAYOUT;
  for (const name of ["", "a.b", "__proto__", "constructor", "😀", "{x}"]) {
    layout = layouts.widenColumn(layouts.pinColumn(layout, name), name, 250);
    layout = layouts.hideColumn(layout, `${name}-`);
  }
  assert.deepEqual(layouts.readLayout(layouts.spellLayout(layout)), layout);
});

test("what is no layout is none", () => {
  for (const text of [null, "", "{", "null", "5", '{"widths":{"a":1},"hidden":5,"pinned":[1],"size":7}'])
    assert.deepEqual(layouts.readLayout(text), { ...layouts.NO_LAYOUT, pinned: [] });
});

test("a browser without storage forgets, and says nothing", () => {
  const storage = {
    getItem: () => {
      throw new Error("denied");
    },
    setItem: () => {
      throw new Error("full");
    },
  };
  assert.equal(layouts.loadLayout("t", storage).size, 50);
  layouts.saveLayout("t", layouts.NO_LAYOUT, storage);
});

test("pinned columns come first, in the order of pinning, and keep their places from the left", () => {
  const columns = columnsOf("a", "b", "n", "c");
  const layout = layouts.pinColumn(layouts.pinColumn(layouts.NO_LAYOUT, "n"), "b");
  const placed = layouts.arrange(columns, layout, 60);
  assert.deepEqual(
    placed.map(({ name }) => name),
    ["n", "b", "a", "c"],
  );
  assert.deepEqual(
    placed.map(({ left }) => left),
    [60, 192, null, null],
  );
  assert.deepEqual(namesOf(columns, layouts.pinColumn(layout, "n", false)), ["b", "a", "n", "c"]);
});

test("hiding takes a column away and showing brings it back to its place", () => {
  const columns = columnsOf("a", "b", "c");
  const hidden = layouts.hideColumn(layouts.pinColumn(layouts.NO_LAYOUT, "b"), "b");
  assert.deepEqual(namesOf(columns, hidden), ["a", "c"]);
  assert.deepEqual(namesOf(columns, layouts.showColumn(hidden, "b")), ["a", "b", "c"]);
  assert.deepEqual(namesOf(columns, layouts.resetLayout(hidden)), ["a", "b", "c"]);
});

test("of very many columns the first are shown, and any other by choice", () => {
  const columns = columnsOf(...Array.from({ length: 300 }, (_, i) => `c${i}`));
  assert.equal(namesOf(columns, layouts.NO_LAYOUT).length, layouts.SHOWN_AT_FIRST);
  assert.equal(namesOf(columns, layouts.showColumn(layouts.NO_LAYOUT, "c299")).at(-1), "c299");
  assert.equal(namesOf(columns, layouts.pinColumn(layouts.NO_LAYOUT, "c299"))[0], "c299");
  assert.equal(namesOf(columns, layouts.showAll(layouts.NO_LAYOUT, columns)).length, layouts.SHOWN_AT_MOST);
});

test("widths stay within what can be used", () => {
  const width = (wanted) => layouts.widenColumn(layouts.NO_LAYOUT, "a", wanted).widths.get("a");
  assert.deepEqual([width(1), width(300.4), width(1e9)], [layouts.LEAST_WIDTH, 300, layouts.MOST_WIDTH]);
  assert.equal(layouts.arrange(columnsOf("a"), layouts.NO_LAYOUT)[0].width, null);
});
