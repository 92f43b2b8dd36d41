/* One value of a record in full: text as it is, JSON laid out, a conversation as bubbles, and nothing by its name. */

import { drawNothing, nothingIn } from "../browse/cells.js";
import { drawTurns } from "../browse/chat.js";
import { el } from "../dom.js";
import { cutAtHits, drawHit, drawHits } from "../browse/hits.js";
import { layOut } from "./json.js";
import { findTurnHits } from "../browse/turnhits.js";
import { count, counted } from "../words.js";

const WORDS = { missing: "The record does not have this key." };

/** What to show of a cell: elements, one below the other. */
export function drawValue(cell) {
  const nothing = nothingIn(cell);
  if (nothing) return [drawNone(nothing)];
  if (cell.turns?.length) return [...drawChat(cell), ...drawCut(cell)];
  return [drawWhole(cell), ...drawCut(cell)];
}

const drawNone = (kind) =>
  el(
    "div",
    { class: "field none" },
    drawNothing(kind),
    el("span", { class: "quiet", text: WORDS[kind] ?? "" }),
  );

function drawWhole(cell) {
  if (cell.kind === "json") return drawJson(cell.text, cell.hits);
  const name = cell.kind === "text" ? "field" : "field json";
  return drawHits("div", { class: name, dir: cell.kind === "text" ? "auto" : "ltr" }, cell.text, cell.hits);
}

function drawChat(cell) {
  const hits = findTurnHits(cell.text, cell.hits, cell.turns);
  const turns = drawTurns(cell.turns, { total: cell.turns_total, hits });
  const box = el("div", { class: "field chat" }, turns);
  const fold = el("details", { class: "spelling" }, el("summary", { text: "As JSON" }));
  fold.addEventListener("toggle", () => {
    if (!fold.open || fold.children.length > 1) return;
    const json = drawJson(cell.text, cell.hits);
    fold.append(json);
    makeReachable([json], "As JSON");
  });
  return [box, fold];
}

/** A spelling laid out over lines; what is copied of it by hand has the white space that is shown. */
function drawJson(spelling, hits) {
  const box = el("div", { class: "field json", dir: "ltr" });
  for (const { kind, text, from } of layOut(spelling)) {
    const pieces = from < 0 ? [text] : drawPieces(text, hits, from);
    if (kind === "key" || kind === "string") box.append(el("span", { class: `json-${kind}` }, ...pieces));
    else box.append(...pieces);
  }
  return box;
}

const drawPieces = (text, hits, from) =>
  cutAtHits(text, hits ?? [], from).map((piece) => (piece.hit ? drawHit(piece.text) : piece.text));

function drawCut({ truncated, text, start, characters }) {
  if (!truncated && !start) return [];
  const shown = count([...text].length);
  const from = start ? `, from character ${count(start + 1)} on` : "";
  const words = `${shown} of ${counted(characters, "character")} are shown${from}. Copy takes all of them.`;
  return [el("p", { class: "quiet cut", text: words })];
}

/** Lets the keyboard come to those of the boxes that scroll, and says what they are. */
export function makeReachable(boxes, name) {
  for (const box of boxes) {
    if (!box.classList.contains("field") || box.scrollHeight <= box.clientHeight + 1) continue;
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", name);
  }
}
