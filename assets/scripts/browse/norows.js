/* What the table says where it has nothing to show, and what can be done about it. */

import { el } from "../dom.js";

/** Fills `box`, or hides it. `shown` and `known` count columns; `on.clear` and `on.showAll` are ways out. */
export function drawNoRows(box, { rows, done, narrowed, reading, shown, known }, on) {
  const said = sayNothing({ rows, done, narrowed, reading, shown, known });
  box.hidden = !said;
  if (box.dataset.said === String(said)) return;
  box.dataset.said = said;
  const button = (text, work) =>
    el("button", { class: "button small", type: "button", text, on: { click: work } });
  box.replaceChildren(...(said ? [el("p", { text: said })] : []));
  if (said === NO_MATCH) box.append(button("Clear search and filters", on.clear));
  if (said === ALL_HIDDEN) box.append(button("Show all columns", on.showAll));
  if (said === NO_RECORDS)
    box.append(
      el("a", { class: "button small", href: "?tab=load", data: { go: "load" }, text: "Go to Load" }),
    );
}

const NO_MATCH = "No record matches. Change the search or the filters, or clear them.";
const ALL_HIDDEN = "Every column is hidden.";
const NO_RECORDS = "This table has no records. Load another source.";

function sayNothing({ rows, done, narrowed, reading, shown, known }) {
  if (rows === 0 && !done) return "Searching …";
  if (rows === 0 && narrowed) return NO_MATCH;
  if (rows === 0) return reading ? "The first records are being read …" : NO_RECORDS;
  if (known === 0) return "The records have no columns: each is an empty object.";
  return shown === 0 ? ALL_HIDDEN : "";
}
