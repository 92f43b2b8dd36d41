/* One value of a record on the page: text as it is, JSON and numbers in mono, and null, empty and missing told apart. */

import { el } from "./dom.js";

const NOTHING = {
  null: "The value is null.",
  missing: "The record does not have this key.",
  empty: "The text is empty.",
};

/** `null`, `missing` or `empty` where there is nothing to read; otherwise "". */
export function nothingIn(cell) {
  if (cell.kind === "null" || cell.kind === "missing") return cell.kind;
  return cell.kind === "text" && cell.text === "" ? "empty" : "";
}

/** The word for a value that is not there. */
export const drawNothing = (kind) =>
  el("span", { class: `nothing ${kind}`, text: kind, title: NOTHING[kind] });

/** A cell of the table, clamped to three lines by the style sheet. */
export function drawCell(cell, search) {
  const nothing = nothingIn(cell);
  if (nothing) return drawNothing(nothing);
  if (cell.kind === "number" || cell.kind === "boolean")
    return highlighted("span", "number", cell.text, search);
  const box = highlighted("div", cell.kind === "json" ? "cell json" : "cell", cell.text, search);
  if (cell.truncated) box.append("…");
  return box;
}

/** An element whose text has every hit of `search` marked, letter case aside. */
export function highlighted(tag, name, text, search) {
  const node = el(tag, { class: name });
  if (!search) {
    node.textContent = text;
    return node;
  }
  let end = 0;
  for (const hit of text.matchAll(new RegExp(escapeRegExp(search), "giu"))) {
    node.append(text.slice(end, hit.index), el("mark", { text: hit[0] }));
    end = hit.index + hit[0].length;
  }
  node.append(text.slice(end));
  return node;
}

const escapeRegExp = (text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, (c) => (c === "-" ? "\\x2d" : `\\${c}`));
