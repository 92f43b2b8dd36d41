/* What the events of a run make: its losses, its speed and its answers, by step. Knows numbers, not the page. */

import { bytes, count } from "../words.js";

/** `train` holds [step, loss, learning rate], `validation` [step, loss], `speed` [step, tokens a second, bytes],
 * `samples` [step, answers]. */
export const blankCurve = () => ({ train: [], validation: [], speed: [], samples: [] });

/** Takes one event in. A run that goes on from a checkpoint does some steps again, and these count. */
export function addEvent(curve, { event, step, loss, eval_loss, learning_rate, details }) {
  if (event === "resumed") for (const points of Object.values(curve)) leaveOut(points, (step ?? 0) + 1);
  if (event === "progress" && loss != null) {
    put(curve.train, [step, loss, learning_rate ?? 0]);
    if (details?.tokens_per_second != null)
      put(curve.speed, [step, details.tokens_per_second, details.memory ?? null]);
  }
  if (event === "evaluation" && eval_loss != null) put(curve.validation, [step, eval_loss]);
  if (event === "samples" && details?.samples?.length) put(curve.samples, [step, details.samples]);
}

/** The curve of a run as the server has it. */
export const asCurve = ({ train, validation, speed }) => ({ train, validation, speed, samples: [] });

function put(points, point) {
  leaveOut(points, point[0]);
  points.push(point);
}

function leaveOut(points, from) {
  while (points.length && points.at(-1)[0] >= from) points.pop();
}

const small = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });

/** What a chart can be of: its words, how it spells a value, whether a logarithmic scale means something, and
 * its lines as [name, points]. */
export const MEASURES = {
  loss: {
    label: "Loss",
    unit: "nats a token",
    spell: (value) => value.toFixed(3),
    log: true,
    lines: ({ train, validation }) => [
      ["training", train],
      ["validation", validation],
    ],
  },
  rate: {
    label: "Learning rate",
    unit: "",
    spell: (value) => (value && value < 0.001 ? value.toExponential(1) : small.format(value)),
    log: true,
    lines: ({ train }) => [["learning rate", train.map(([step, , rate]) => [step, rate])]],
  },
  speed: {
    label: "Tokens/s",
    unit: "tokens a second",
    spell: (value) => count(Math.round(value)),
    log: false,
    lines: ({ speed }) => [["tokens/s", speed]],
  },
  memory: {
    label: "Memory",
    unit: "held by the worker",
    spell: (value) => bytes(Math.round(value)),
    log: false,
    lines: ({ speed }) => [
      ["memory", speed.filter(([, , held]) => held != null).map(([step, , held]) => [step, held])],
    ],
  },
};
