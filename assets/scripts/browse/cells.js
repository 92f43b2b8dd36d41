/* One value of a record on the page: text as it is, JSON and numbers in mono, a conversation as bubbles, and
   null, empty and missing told apart. */

import { drawTurns } from "./chat.js";
import { el } from "../dom.js";
import { drawHits } from "./hits.js";
import { counted } from "../words.js";

const NOTHING = {
  null: "The value is null.",
  missing: "The record does not have this key.",
  empty: "The text is empty.",
};
const CLASSES = { text: "cell", json: "cell json", number: "cell number", boolean: "cell number" };

/** `null`, `missing` or `empty` where there is nothing to read; otherwise "". */
export function nothingIn(cell) {
  if (cell.kind === "null" || cell.kind === "missing") return cell.kind;
  return cell.kind === "text" && cell.text === "" ? "empty" : "";
}

/** The word for a value that is not there. */
export const drawNothing = (kind) =>
  el("span", { class: `nothing ${kind}`, text: kind, title: NOTHING[kind] });

/** A cell of the table, clamped to three lines by the style sheet. A conversation in which something was
 * found is shown as it is spelled, so that the hits can be seen. */
export function drawCell(cell) {
  const nothing = nothingIn(cell);
  if (nothing) return drawNothing(nothing);
  const hits = cell.hits ?? [];
  if (cell.turns && hits.length === 0)
    return el(
      "div",
      { class: "cell-turns" },
      drawTurns(cell.turns, { compact: true, total: cell.turns_total }),
    );
  const box = drawHits("div", { class: CLASSES[cell.kind], dir: "auto" }, cell.text, hits);
  if (cell.start > 0) box.prepend(drawCut(`${counted(cell.start, "character")} before`));
  if (cell.truncated) box.append(drawCut(`Cut; ${counted(cell.characters, "character")} in all`));
  return box;
}

/** The mark of a text that goes on. */
const drawCut = (title) => el("span", { class: "cut", text: "…", title });
