/* Near twins: records of one part whose prompt is nearly that of one in another, looked for when asked. */

import { percentOf } from "./bar.js";
import { el } from "../dom.js";
import { drawPair, drawPairs } from "./twins.js";
import { count, counted } from "../words.js";

/** The offer to look, that it goes on, or what was found; `look()` begins. */
export function drawNear({ twins, looked, parts }, near, look) {
  if (!twins || parts.length < 2) return [];
  if (looked != null) return drawFound(twins, looked);
  const waiting = el("p", { class: "quiet waiting", role: "status", text: "Looking for near-duplicates …" });
  return [near ? waiting : drawOffer(look)];
}

function drawOffer(look) {
  const button = el("button", { class: "button", type: "button", text: "Look for near-duplicates", on: { click: look } });
  const words = "Prompts that differ in a word or a letter are not the same, and leak all the same.";
  return el("div", { class: "look" }, el("p", { class: "quiet", text: words }), button);
}

function drawFound(twins, looked) {
  const leaking = twins.filter(({ near }) => near);
  if (leaking.length) return leaking.map(drawLeak);
  return [el("p", { class: "clean", text: `No near-duplicates: no other two prompts in two parts are ${percentOf(looked)} or more alike.` })];
}

function drawLeak({ part, of, records, near, near_pairs: pairs }) {
  const words = `${count(near)} of ${counted(records, `${part} record`)} nearly ${near === 1 ? "has its" : "have their"} prompt in ${of}.`;
  const shown = pairs.map((pair) => drawPair(pair, part, of, `${percentOf(pair.similarity)} alike`));
  return drawPairs(`Near twins of ${part} in ${of}`, words, shown, near);
}
