import assert from "node:assert/strict";
import test from "node:test";

import { addEvent, blankCurve, MEASURES } from "../../assets/scripts/runs/curve.js";
import {
  logTicks,
  makeScale,
  nearest,
  rangeOf,
  smooth,
  stepTicks,
  thin,
  ticks,
} from "../../assets/scripts/runs/scales.js";

test("a scale maps its ends to its ends, and back", () => {
  for (const log of [false, true]) {
    const scale = makeScale(1, 100, 200, 0, { log });
    assert.equal(scale.at(1), 200);
    assert.ok(Math.abs(scale.at(100)) < 1e-9);
    for (const value of [1, 7, 99]) assert.ok(Math.abs(scale.value(scale.at(value)) - value) < 1e-9);
  }
  assert.ok(Math.abs(makeScale(1, 100, 0, 200, { log: true }).at(10) - 100) < 1e-9);
  assert.equal(makeScale(3, 3, 0, 200).at(3), 0);
});

test("a range has a little air, and none below nothing", () => {
  assert.deepEqual(rangeOf([0, 10]), [0, 10.4]);
  assert.deepEqual(rangeOf([-1, 0]), [-1.04, 0.04]);
  assert.deepEqual(rangeOf([5]), [4.5, 5.5]);
  assert.deepEqual(rangeOf([0]), [0, 1]);
  assert.equal(rangeOf([]), null);
  assert.equal(rangeOf([NaN, Infinity]), null);
});

test("a logarithmic range leaves out what has no logarithm", () => {
  assert.equal(rangeOf([0, -1], { log: true }), null);
  const [low, high] = rangeOf([0, 1, 10], { log: true });
  assert.ok(low > 0.9 && low < 1);
  assert.ok(high > 10 && high < 11);
  const [least, most] = rangeOf([2], { log: true });
  assert.ok(least < 2 && most > 2);
});

test("ticks are round values inside the range", () => {
  assert.deepEqual(ticks(0, 10), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(ticks(1.1, 7.65, 4), [2, 4, 6]);
  assert.deepEqual(ticks(0.1, 0.3, 4), [0.1, 0.15, 0.2, 0.25, 0.3]);
  assert.deepEqual(ticks(3, 3), [3]);
  assert.deepEqual(stepTicks(3), [0, 1, 2, 3]);
  assert.deepEqual(stepTicks(900), [0, 200, 400, 600, 800]);
});

test("logarithmic ticks fit the width of the range", () => {
  assert.deepEqual(logTicks(1.05, 7.9), [1.5, 2, 3, 5, 7]);
  assert.deepEqual(logTicks(0.4, 12), [0.5, 1, 2, 5, 10]);
  assert.deepEqual(logTicks(1e-5, 1e-2), [1e-5, 1e-4, 1e-3, 1e-2]);
  assert.deepEqual(logTicks(3.1, 3.9, 4), [3.2, 3.4, 3.6, 3.8]);
  assert.ok(logTicks(1e-12, 1e12).length <= 8);
});

test("smoothing keeps the steps, a level, and the first value", () => {
  const points = [1, 2, 3, 4].map((step) => [step, step % 2 ? 4 : 2]);
  assert.equal(smooth(points, 0), points);
  const smoothed = smooth(points, 0.9);
  assert.deepEqual(
    smoothed.map(([step]) => step),
    [1, 2, 3, 4],
  );
  assert.ok(Math.abs(smoothed[0][1] - 4) < 1e-9);
  assert.ok(smoothed.slice(1).every(([, value]) => value > 2.5 && value < 3.5));
  for (const [, value] of smooth(
    [
      [0, 7],
      [9, 7],
    ],
    0.99,
  ))
    assert.ok(Math.abs(value - 7) < 1e-9);
});

test("the nearest point is found before, between and after", () => {
  const points = [
    [10, 0],
    [20, 0],
    [40, 0],
  ];
  const found = [-5, 10, 15, 16, 29, 31, 99].map((step) => nearest(points, step));
  assert.deepEqual(found, [0, 0, 0, 1, 1, 2, 2]);
  assert.equal(nearest([], 3), -1);
});

test("a thinned line keeps its ends and its peaks", () => {
  const points = Array.from({ length: 100_000 }, (_, step) => [step, step === 31_415 ? 99 : Math.sin(step)]);
  const kept = thin(points, 800);
  assert.ok(kept.length <= 804);
  assert.deepEqual(kept[0], points[0]);
  assert.deepEqual(kept.at(-1), points.at(-1));
  assert.ok(kept.some(([, value]) => value === 99));
  assert.deepEqual(
    kept.map(([step]) => step),
    kept.map(([step]) => step).sort((a, b) => a - b),
  );
  assert.equal(thin(points.slice(0, 5)).length, 5);
});

test("a run that goes on counts what it does again once", () => {
  const curve = blankCurve();
  const progress = (step, loss) =>
    addEvent(curve, {
      event: "progress",
      step,
      loss,
      learning_rate: 0.1,
      details: { tokens_per_second: 10 * step, memory: step === 3 ? null : 1e9 },
    });
  for (const step of [1, 2, 3]) progress(step, 9 - step);
  addEvent(curve, { event: "evaluation", step: 3, eval_loss: 5 });
  addEvent(curve, { event: "samples", step: 3, details: { samples: [{ prompt: "p" }] } });
  addEvent(curve, { event: "samples", step: 4, details: {} });
  addEvent(curve, { event: "resumed", step: 1 });
  assert.deepEqual(curve.train, [[1, 8, 0.1]]);
  assert.deepEqual([curve.validation, curve.samples, curve.speed.length], [[], [], 1]);
  progress(2, 4);
  progress(2, 5); // told twice
  assert.deepEqual(curve.train, [
    [1, 8, 0.1],
    [2, 5, 0.1],
  ]);
});

test("a measure gives its lines, and spells its values", () => {
  const curve = blankCurve();
  addEvent(curve, {
    event: "progress",
    step: 4,
    loss: 2,
    learning_rate: 4e-5,
    details: { tokens_per_second: 1234.5, memory: null },
  });
  const lines = Object.entries(MEASURES).map(([name, { lines }]) => [
    name,
    lines(curve).map(([, points]) => points),
  ]);
  assert.deepEqual(lines, [
    ["loss", [[[4, 2, 4e-5]], []]],
    ["rate", [[[4, 4e-5]]]],
    ["speed", [[[4, 1234.5, null]]]],
    ["memory", [[]]],
  ]);
  assert.equal(MEASURES.rate.spell(4e-5), "4.0e-5");
  assert.equal(MEASURES.rate.spell(0), "0");
  assert.equal(MEASURES.speed.spell(1234.5), "1,235");
  assert.equal(MEASURES.memory.spell(1.23e9), "1.2 GB");
});
