/* The runs that are drawn on the chart beside the one that is shown. */

import { getJson } from "../api.js";
import { asCurve } from "./curve.js";
import { isFinal, nameRun } from "./run.js";

export const MOST = 5;

const chosen = new Map(); // id → {run, name, color, curve, steps}
const listeners = new Set();

/** The chosen runs in the order in which they were chosen: {run, name, color, curve, steps}. */
export const comparedRuns = () => [...chosen.values()];
export const isCompared = (id) => chosen.has(id);

/** Calls `listener()` whenever another run is chosen, or there is more of a chosen one. */
export const onCompared = (listener) => listeners.add(listener);

/** Chooses a run, or no longer; false where there are too many. */
export function compareRun(run, wanted) {
  if (!wanted) {
    chosen.delete(run.run);
    tell();
    return true;
  }
  if (chosen.size >= MOST) return false;
  const taken = comparedRuns().map(({ color }) => color);
  const color = [1, 2, 3, 4, 5].find((number) => !taken.includes(number));
  chosen.set(run.run, {
    run: run.run,
    name: nameRun(run),
    color,
    curve: null,
    steps: run.steps,
    over: false,
  });
  read(run);
  return true;
}

/** Takes in how the runs stand now: names change, curves grow, runs are removed. */
export function refreshCompared(runs) {
  for (const [id, one] of chosen) {
    const run = runs.find((other) => other.run === id);
    if (!run) compareRun({ run: id }, false);
    else if (!one.over || one.name !== nameRun(run)) read(run);
  }
}

async function read(run) {
  const curve = await getJson(`runs/${run.run}/curve`).catch(() => null);
  const one = chosen.get(run.run);
  if (!one || !curve) return;
  Object.assign(one, {
    name: nameRun(run),
    steps: run.steps,
    over: isFinal(run.state),
    curve: asCurve(curve),
  });
  tell();
}

function tell() {
  for (const listener of listeners) listener();
}
