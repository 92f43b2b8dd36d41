import assert from "node:assert/strict";
import test from "node:test";

import { blankCurve } from "../../assets/scripts/runs/curve.js";
import { figuresOf } from "../../assets/scripts/runs/figures.js";
import { note } from "../../assets/scripts/runs/following.js";
import { findHits } from "../../assets/scripts/runs/log.js";
import { queueOf, swap } from "../../assets/scripts/runs/queue.js";
import { questionOf } from "../../assets/scripts/runs/samples.js";
import { tellActive, tellState } from "../../assets/scripts/runs/tell.js";

const RUN = { state: "running", reason: "", kind: "", log: "", checkpoint: null, place: null, waits_for: [] };

test("a failure is told once, in words, with the last log lines apart", () => {
  const dead =
    "the worker died. The memory is used up. Use a smaller batch. Its last log lines:\nstep 3\nbad_alloc";
  assert.deepEqual(tellState({ ...RUN, state: "failed", kind: "memory", reason: dead, checkpoint: 1200 }), {
    kind: "error",
    message: "The memory is used up.",
    hint: "The worker died. Use a smaller batch. Step 1,200 is kept: it can go on from there.",
    log: "step 3\nbad_alloc",
  });
  const gone = tellState({
    ...RUN,
    state: "failed",
    kind: "died",
    reason: "the worker died. It left no log.",
  });
  assert.equal(gone.message, "The worker died.");
  assert.equal(gone.hint, "It left no log. No checkpoint is kept: it would begin anew.");
  const bug = {
    ...RUN,
    state: "failed",
    kind: "bug",
    reason: "ValueError: no. The log holds the traceback.",
    log: "x",
  };
  assert.equal(tellState(bug).message, "The training ended with an error.");
  assert.equal(tellState(bug).log, "x");
  assert.equal(tellState({ ...RUN, state: "failed", kind: "new" }).message, "The run failed.");
});

test("a cancelled run says how far it came and what is kept", () => {
  const run = {
    ...RUN,
    state: "cancelled",
    reason: "stopped on request",
    step: 40,
    steps: 900,
    checkpoint: 40,
  };
  const { message, hint } = tellState(run);
  assert.equal(message, "Cancelled at step 40 of 900.");
  assert.equal(hint, "Stopped on request. Step 40 is kept: it can go on from there.");
  assert.equal(tellState({ ...run, steps: 0 }).message, "Cancelled.");
});

test("a queued run says what it waits for, and nothing in the moment of its launch", () => {
  const nameOf = (id) => id.toUpperCase();
  assert.equal(tellState({ ...RUN, state: "queued", place: 1 }), null);
  const next = tellState({ ...RUN, state: "queued", place: 1, waits_for: ["a"] }, nameOf);
  assert.deepEqual(
    [next.message, next.hint],
    ["It begins as soon as the run at work is over.", "At work: A."],
  );
  const later = tellState({ ...RUN, state: "queued", place: 3, waits_for: ["a", "b", "c"] }, nameOf);
  assert.deepEqual([later.message, later.hint], ["2 runs before it in the queue.", "At work: A."]);
});

test("a run that works or has succeeded needs no words; one that is silent or stops does", () => {
  for (const state of ["starting", "running", "evaluating", "succeeded"])
    assert.equal(tellState({ ...RUN, state }), null);
  assert.equal(tellState({ ...RUN, state: "stalled" }).kind, "error");
  assert.equal(tellState({ ...RUN, state: "cancelling" }).message, "Stopping.");
});

test("figures tell of now while a run works, and of the whole once it is over", () => {
  const curve = blankCurve();
  curve.train = [[1, 5, 0.004]];
  curve.validation = [
    [0, 7],
    [1, 5.5],
    [2, 6],
  ];
  curve.speed = [
    [1, 100, 3e9],
    [2, 300, 1e9],
  ];
  const seen = {
    run: { ...RUN, attempt: 2, metrics: {} },
    curve,
    step: 2,
    steps: 9,
    seconds: 61,
    eta: 7,
    scored: "",
  };
  const now = Object.fromEntries(figuresOf(seen).map(([name, value, words]) => [name, [value, words]]));
  assert.deepEqual(now.Step, ["2 / 9", "attempt 2"]);
  assert.deepEqual(now["Validation loss"], ["6.000", "best 5.500 at 1"]);
  assert.deepEqual(
    [now["Tokens/s"], now.Memory],
    [
      ["300", ""],
      ["1.0 GB", ""],
    ],
  );
  assert.deepEqual([now["Time left"], now["Learning rate"][0]], [["7 s", "of the training"], "0.004"]);
  const metrics = { base: { loss: 7.654 }, tuned: { loss: 3.3 } };
  const over = figuresOf({ ...seen, run: { ...RUN, state: "succeeded", attempt: 1, metrics } });
  const words = Object.fromEntries(over.map(([name, value, said]) => [name, [value, said]]));
  assert.deepEqual(
    [words["Tokens/s"], words.Memory],
    [
      ["200", "on average"],
      ["3.0 GB", "at most"],
    ],
  );
  assert.deepEqual(words["Test loss"], ["7.65 → 3.30", "before → after"]);
  assert.equal("Time left" in words || "Learning rate" in words, false);
});

test("a measure that no event has told of has no figure", () => {
  const seen = {
    run: { ...RUN, attempt: 1, metrics: {} },
    curve: blankCurve(),
    step: 0,
    steps: 0,
    seconds: null,
  };
  assert.deepEqual(
    figuresOf(seen).map(([name, value]) => [name, value]),
    [
      ["Step", "–"],
      ["Training loss", "–"],
      ["Validation loss", "–"],
      ["Time", "–"],
    ],
  );
});

test("the chip shows the run that works, not one that waits", () => {
  const queued = { run: "q", state: "queued", place: 1, step: 0, steps: 0 };
  const running = { run: "r", state: "running", place: null, step: 45, steps: 100 };
  assert.deepEqual(tellActive([queued, running]), { text: "45 % · 1 more", share: 0.45, shown: "r" });
  assert.deepEqual(tellActive([queued]), { text: "queued", share: 0, shown: "q" });
  assert.equal(tellActive([{ ...running, state: "evaluating" }]).text, "evaluating");
});

test("what a prompt asks is told without the words that all prompts have", () => {
  assert.equal(questionOf("### Question:\nWho?\n\n### Answer:\n"), "Who?");
  assert.equal(
    questionOf(
      "Below is an instruction.\n\n### Instruction:\nAdd.\n\n### Input:\n2 and 2\n\n### Response:\n",
    ),
    "2 and 2",
  );
  assert.equal(questionOf("<|im_start|>user\nHi!\n<|im_end|>\n<|im_start|>assistant\n"), "Hi!");
  assert.equal(questionOf("### Answer:\n"), "### Answer:");
});

test("a search in the log is of text, not of patterns", () => {
  assert.deepEqual(findHits("Loss 1.5, loss 105", "LOSS 1.5"), [[0, 8]]);
  assert.deepEqual(findHits("a\na", "a"), [
    [0, 1],
    [2, 3],
  ]);
  assert.deepEqual(findHits("(x", "("), [[0, 1]]);
});

test("two neighbours of the queue change places", () => {
  assert.deepEqual(swap(["a", "b", "c"], 1), ["a", "c", "b"]);
  assert.deepEqual(swap(["a", "b"], 0), ["b", "a"]);
  const runs = [3, null, 1, 2].map((place) => ({ run: `r${place}`, place }));
  assert.deepEqual(queueOf(runs), ["r1", "r2", "r3"]);
});

test("what the events of a run tell is kept", () => {
  const seen = { curve: blankCurve(), step: 0, steps: 0, seconds: null, eta: null, scored: "", word: "" };
  note(seen, { event: "progress", step: 3, steps: 9, loss: 4, eta: 12, seconds: 5 });
  note(seen, { event: "log", message: "Training ended.", seconds: 6 });
  assert.deepEqual(
    [seen.step, seen.steps, seen.eta, seen.seconds, seen.word],
    [3, 9, 12, 6, "Training ended."],
  );
  note(seen, { event: "state", state: "evaluating" });
  note(seen, { event: "scoring", step: 20, steps: 1000 });
  assert.deepEqual([seen.eta, seen.scored, seen.step], [null, "20 of 1,000", 3]);
  note(seen, { event: "resumed", step: 2 });
  assert.deepEqual([seen.word, seen.curve.train, seen.step], ["", [], 2]);
});
