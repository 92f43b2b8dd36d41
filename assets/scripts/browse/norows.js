/* How many records a question finds, what the table says where it has nothing to show, and what can be done about
   it. */

import { el } from "../dom.js";
import { count, percent } from "../words.js";

/** "88 of 1,400 match", or how far the search is. */
export const sayMatches = ({ total, all, done, searched }) =>
  done
    ? `${count(total)} of ${count(all)} match`
    : `${count(total)} match · searching … ${percent(searched, all)}`;

/** Fills `box`, or hides it. `shown` and `known` count columns, `gone` says that the check that the question names is
 * not there any more; `on.clear`, `on.leave` and `on.showAll` are ways out. */
export function drawNoRows(box, { rows, done, narrowed, reading, shown, known, gone }, on) {
  const said = gone || sayNothing({ rows, done, narrowed, reading, shown, known });
  box.hidden = !said;
  if (box.dataset.said === String(said)) return;
  box.dataset.said = said;
  const button = (text, work) =>
    el("button", { class: "button small", type: "button", text, on: { click: work } });
  box.replaceChildren(...(said ? [el("p", { text: said })] : []));
  if (gone) box.append(button("Clear the filter", on.leave));
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
