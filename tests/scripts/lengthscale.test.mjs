import assert from "node:assert/strict";
import test from "node:test";

import * as scales from "../../assets/scripts/prompt/lengthscale.js";

const BARS = [
  { low: 20, high: 40, count: 1 },
  { low: 40, high: 60, count: 1000 },
  { low: 60, high: 80, count: 0 },
  { low: 80, high: 100, count: 3 },
];

test("the scale holds every bar, and the line where it is near", () => {
  assert.deepEqual(scales.scaleOf(BARS, 90), { low: 0, high: 112 });
  assert.deepEqual(scales.scaleOf(BARS, 150), { low: 0, high: 153 });
  assert.deepEqual(scales.scaleOf(BARS, 1024), { low: 0, high: 112 });
  assert.deepEqual(scales.scaleOf(BARS, null), { low: 0, high: 112 });
  assert.deepEqual(scales.scaleOf([{ low: 900, high: 1000, count: 1 }], null), { low: 900, high: 1120 });
});

test("the scale does not shrink while the line moves over it", () => {
  assert.deepEqual(scales.scaleOf(BARS, 30, { low: 0, high: 153 }), { low: 0, high: 153 });
});

test("a length has its place, and a place its length", () => {
  const scale = { low: 0, high: 200 };
  assert.equal(scales.placeOf(scale, 50), 25);
  assert.equal(scales.placeOf(scale, 5000), 100);
  assert.equal(scales.lengthAt(scale, 25), 50);
  assert.equal(scales.lengthAt(scale, -40), 16);
  assert.equal(scales.lengthAt({ low: 0, high: 90_000 }, 100), 2048);
});

test("bars are as high as they count, the least can be seen, and those beyond the line are told apart", () => {
  const drawn = scales.drawnBars(BARS, { low: 0, high: 100 }, 59);
  assert.deepEqual(
    drawn.map(({ left, width, height }) => [left, width, height]),
    [
      [20, 20, 2],
      [40, 20, 100],
      [60, 20, 0],
      [80, 20, 2],
    ],
  );
  assert.deepEqual(
    drawn.map(({ over }) => over),
    [false, false, true, true],
  );
  assert.ok(scales.drawnBars(BARS, { low: 0, high: 100 }, null).every(({ over }) => !over));
});

test("the last bar of a long tail pushes no other aside", () => {
  const tail = [...BARS, { low: 100, high: 500_013, count: 1 }];
  assert.deepEqual(scales.scaleOf(tail, 90), { low: 0, high: 157 });
  const last = scales.drawnBars(tail, { low: 0, high: 200 }, 59).at(-1);
  assert.deepEqual([last.left, last.width, last.over], [50, 20, true]);
});

test("keys move the line by one, by a page, to the least and to where all fits", () => {
  const scale = { low: 0, high: 200 };
  const moved = (key, value = 100) => scales.moveLength(key, value, scale, 152);
  assert.deepEqual(
    ["ArrowLeft", "ArrowUp", "PageDown", "PageUp"].map((key) => moved(key)),
    [99, 101, 80, 120],
  );
  assert.deepEqual([moved("Home"), moved("End"), moved("End", 512)], [16, 152, 512]);
  assert.deepEqual([moved("ArrowLeft", 16), moved("ArrowRight", 2048), moved("x")], [16, 2048, null]);
});

test("the line says what it leaves of the records", () => {
  assert.equal(scales.sayLimit(512, { fit: 1258, cut: 2, lost: 0 }), "512 tokens: 1,258 fit, 2 cut, 0 lost");
});

test("a bar says its lengths and its records, and is spelled with its last length", () => {
  assert.equal(scales.describeBar({ low: 120, high: 140, count: 63 }), "120 to 139 tokens, 63 records");
  assert.equal(scales.describeBar({ low: 1, high: 2, count: 1 }), "1 token, 1 record");
  assert.equal(scales.spellRange({ low: 120, high: 140 }), "120-139");
});

test("the figures of all lengths stand in a line, and how far a pass is", () => {
  assert.equal(
    scales.summarise({ median: 38.5, p95: 1058, p99: 71, max: 88 }),
    "median 38.5 · p95 1,058 · p99 71 · max 88",
  );
  assert.equal(
    scales.sayProgress({ state: "running", done: 10_000, total: 1_000_000 }),
    "first 10,000 of 1,000,000 records",
  );
  assert.equal(scales.sayProgress({ state: "done", done: 5, total: 5 }), "");
  assert.deepEqual(
    scales.ticksOf({ low: 0, high: 129 }).map(({ length }) => length),
    [0, 32, 65, 97, 129],
  );
});
