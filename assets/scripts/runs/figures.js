/* The figures of one run: how far it is, how well and how fast. Knows what was seen of it, not the page. */

import { MEASURES } from "./curve.js";
import { isFinal } from "./run.js";
import { bytes, count, duration, score } from "../words.js";

/** [name, value, words] for each figure that there is. `eta` are seconds left, `scored` how much of the test part. */
export function figuresOf({ run, curve, step, steps, seconds, eta, scored }) {
  const over = isFinal(run.state);
  const { base, tuned } = run.metrics ?? {};
  const [, , rate] = curve.train.at(-1) ?? [];
  const [, speed, memory] = curve.speed.at(-1) ?? [];
  const figures = [
    [
      "Step",
      steps ? `${count(step)} / ${count(steps)}` : "–",
      run.attempt > 1 ? `attempt ${run.attempt}` : "",
    ],
    ["Training loss", score(curve.train.at(-1)?.[1]), "nats a token"],
    ["Validation loss", score(curve.validation.at(-1)?.[1]), tellBest(curve.validation)],
  ];
  if (base && tuned)
    figures.push(["Test loss", `${score(base.loss, 2)} → ${score(tuned.loss, 2)}`, "before → after"]);
  if (scored && !over) figures.push(["Test records scored", scored, ""]);
  if (rate != null && !over) figures.push(["Learning rate", MEASURES.rate.spell(rate), ""]);
  if (speed != null)
    figures.push(["Tokens/s", count(Math.round(over ? mean(curve.speed) : speed)), over ? "on average" : ""]);
  if (memory != null)
    figures.push(["Memory", bytes(over ? most(curve.speed) : memory), over ? "at most" : ""]);
  if (eta != null && !over) figures.push(["Time left", duration(eta), "of the training"]);
  figures.push(["Time", seconds == null ? "–" : duration(seconds), over ? "in all" : "so far"]);
  return figures;
}

function tellBest(validation) {
  if (!validation.length) return "";
  const [step, loss] = validation.reduce((one, other) => (other[1] < one[1] ? other : one));
  return `best ${score(loss)} at ${count(step)}`;
}

const mean = (points) => points.reduce((sum, [, value]) => sum + value, 0) / points.length;
const most = (points) => points.reduce((found, [, , value]) => Math.max(found, value ?? 0), 0);
