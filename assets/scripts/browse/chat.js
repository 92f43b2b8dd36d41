/* A conversation as bubbles: every turn in its order, under the role that the data gives it. */

import { el } from "../dom.js";
import { drawHits } from "./hits.js";
import { count, counted } from "../words.js";

const COMPACT_TURNS = 3; // as many as a cell has lines
const COMPACT_CHARACTERS = 160; // more than one line ever shows

const SIDES = new Map([
  ["user", "user"],
  ["human", "user"],
  ["prompter", "user"],
  ["assistant", "assistant"],
  ["gpt", "assistant"],
  ["chatgpt", "assistant"],
  ["bot", "assistant"],
  ["model", "assistant"],
  ["system", "system"],
  ["developer", "system"],
]);

/** The side that a role takes: `user`, `assistant`, `system`, or `other` for one that is not known. */
export const sideOf = (role) => SIDES.get(role.trim().toLowerCase()) ?? "other";

/** A list of turns [{role, text}] as bubbles. `compact` is for a cell of the table: few, one line each. `total` is how
 * many there are where `turns` are only the first; `hits` are the spans to mark, a list for each turn. */
export function drawTurns(turns, { compact = false, total = turns.length, hits = [] } = {}) {
  const shown = compact ? turns.slice(0, COMPACT_TURNS) : turns;
  const list = el("ol", { class: compact ? "turns compact" : "turns", role: "list" });
  list.append(...shown.map((turn, i) => (compact ? drawLine(turn) : drawBubble(turn, hits[i]))));
  const left = Math.max(total, turns.length) - shown.length;
  if (left > 0 && compact) list.lastChild.append(el("span", { class: "left", text: `+${count(left)}` }));
  else if (left > 0) list.append(el("li", { class: "turn left", text: counted(left, "more turn") }));
  return list;
}

function drawLine({ role, text }) {
  const line = text.slice(0, COMPACT_CHARACTERS).replace(/\s+/g, " ");
  return drawTurn(role, el("span", { class: "said", dir: "auto", text: line }));
}

function drawBubble({ role, text }, hits) {
  const nothing = el("div", { class: "said" }, el("span", { class: "nothing empty", text: "empty" }));
  return drawTurn(role, text ? drawHits("div", { class: "said", dir: "auto" }, text, hits) : nothing);
}

const drawTurn = (role, said) =>
  el(
    "li",
    { class: `turn ${sideOf(role)}` },
    el("b", { class: "role", dir: "auto", text: role || '""' }),
    said,
  );
