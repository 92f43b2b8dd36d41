/* What can be compared: the runs of the table, and of a run its base model, its checkpoints and the tuned one. */

import { getJson } from "../api.js";
import { el } from "../dom.js";
import { counted } from "../words.js";

/** Fills the choice of the run. */
export function fillRuns(select, runs, run) {
  select.replaceChildren(...runs.map((one) => el("option", { value: one.run, text: nameRun(one) })));
  select.value = run;
}

const nameRun = ({ run, name, started, step, state }) =>
  [name || run.slice(0, 8), counted(step, "step"), state === "succeeded" ? started.slice(0, 16).replace("T", " ") : state].join(" · ");

/** Fills the choices of both sides with what of the run, and of others with the same test part, was evaluated; they stay hidden
 * where there is but a base and a tuned model. `isCurrent()` says whether the answer is still wanted. */
export async function fillSides([left, right], run, ask, isCurrent) {
  const { sides } = await getJson(`runs/${run}/sides`).catch(() => ({ sides: [] }));
  if (!isCurrent()) return;
  const known = sides.map((side) => [addressIn(run, side), nameSide(run, side)]);
  for (const [select, chosen] of [
    [left, ask.left],
    [right, ask.right],
  ]) {
    const all = known.some(([address]) => address === chosen) ? known : [...known, [chosen, nameAddress(chosen)]];
    select.replaceChildren(...all.map(([value, text]) => el("option", { value, text })));
    select.value = chosen;
    select.closest("label").hidden = all.length < 3;
  }
}

/** How a side stands in the address of a run's comparison: without the run where it is its own. */
const addressIn = (run, side) => (side.run === run ? side.address.slice(run.length + 1) : side.address);

function nameSide(run, { run: other, which, name, decoding }) {
  const sampled = decoding?.method === "sample" ? `, sampled at ${decoding.temperature}` : "";
  const whose = other === run ? "" : `${name || other.slice(0, 8)}: `;
  return `${whose}${nameAddress(which)}${sampled}`;
}

/** A side's address in words. */
export function nameAddress(address) {
  const [which, run] = address.split("/").reverse();
  const [name] = which.split(".");
  const words = name === "base" ? "base model" : name === "tuned" ? "tuned model" : `checkpoint at ${name.replace("-", " ")}`;
  return run ? `${words} of ${run.slice(0, 8)}` : words;
}
