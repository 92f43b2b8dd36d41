import assert from "node:assert/strict";
import { test } from "node:test";

import { chooseAsked, kindOf, readTyped, spellNumber } from "../../assets/scripts/finetune/limits.js";

const RATE = { name: "learning_rate", kind: "number", least: 1e-7, most: 1, choices: [], wanted: "Give a number." };
const STEPS = { name: "max_steps", kind: "integer", least: 1, most: 100, choices: [], wanted: "Give a whole number." };
const LAYERS = { name: "lora_target_modules", kind: "text", group: "adapter", choices: [], wanted: "Give names." };

test("what is typed is a value within the limits, or the words on what to give", () => {
  assert.deepEqual(readTyped(RATE, "1e-4"), { value: 1e-4 });
  assert.deepEqual(readTyped(RATE, " .5 "), { value: 0.5 });
  assert.deepEqual(readTyped(RATE, ""), { value: null });
  for (const typed of ["2", "0", "-1", "1e999", "NaN", "Infinity", "0x1", "1,5", "1e", "--1", "1 2"])
    assert.deepEqual(readTyped(RATE, typed), { problem: "Give a number." }, typed);
  assert.deepEqual(readTyped(STEPS, "20"), { value: 20 });
  for (const typed of ["2.5", "0", "101", "1e400"])
    assert.deepEqual(readTyped(STEPS, typed), { problem: "Give a whole number." }, typed);
  assert.deepEqual(readTyped(LAYERS, "q_proj,v_proj"), { value: "q_proj,v_proj" });
  assert.deepEqual(readTyped(LAYERS, "q_proj; rm -rf /"), { problem: "Give names." });
});

test("what the model does not take, and what is of an adapter that is not trained, is not asked for", () => {
  const asked = { base_model: "org/name", max_steps: 3, lora_target_modules: "all-linear", packing: true };
  const options = [STEPS, LAYERS];
  assert.deepEqual(chooseAsked(asked, options, false), { base_model: "org/name", max_steps: 3 });
  assert.deepEqual(chooseAsked(asked, options, true).lora_target_modules, "all-linear");
});

test("small numbers are written short", () => {
  assert.deepEqual([2e-5, 0.05, 8, 0, 1e-10, null].map(spellNumber), ["2e-5", "0.05", "8", "0", "1e-10", ""]);
});

test("the name of a base model tells what it is by its form", () => {
  assert.deepEqual(["tiny", "/models/x", "./x", "~/x", "x", "org/name", "org/name@main"].map(kindOf), [
    ...["tiny", "folder", "folder", "folder", "folder", "hub", "hub"],
  ]);
});
