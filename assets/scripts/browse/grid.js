/* The rows of the table as elements: the row's number with its box to select it, then the cells of the
   columns shown. */

import { drawCell } from "./cells.js";
import { el } from "../dom.js";
import { count, nameOf } from "../words.js";

const FIRST_LINE = 2; // of the table as a screen reader counts: the header is the first

/** The rows of a page, from {rows, columns, offset}; `current` is the row that Tab comes to. */
export function drawRows({ rows, columns, offset }, { current, opened, selection }) {
  return rows.map((row, i) => {
    const line = el("tr", {
      role: "row",
      class: [row.excluded && "excluded", selection.rows.has(row.row) && "selected"]
        .filter(Boolean)
        .join(" "),
      tabindex: row.row === current ? 0 : -1,
      "aria-rowindex": offset + i + FIRST_LINE,
      "aria-selected": row.row === opened,
      data: { row: row.row },
    });
    line.append(drawNumber(row, selection.rows.has(row.row), row.row === current));
    line.append(...columns.map((column, k) => drawValue(row.cells[k], column)));
    return line;
  });
}

function drawNumber({ row, line, file, excluded }, selected, current) {
  const place = [`Line ${count(line)}`, ...(file ? [`of ${file}`] : [])].join(" ");
  const number = el("span", { text: count(row), title: excluded ? `${place} · excluded` : place });
  const word = excluded ? el("span", { class: "off-screen", text: "excluded" }) : null;
  return el(
    "td",
    { role: "cell", class: "row-number", data: { label: "row" } },
    drawTick(`Select record ${count(row)}`, selected, current ? 0 : -1),
    number,
    word,
  );
}

/** A box to tick. No input, so that the keys of the table work while it has the focus. */
export const drawTick = (label, checked, tabindex = 0) =>
  el("button", {
    class: "tick",
    type: "button",
    role: "checkbox",
    tabindex,
    "aria-checked": checked,
    "aria-label": label,
  });

function drawValue(cell, { name, type, index, left, shape }) {
  const node = el("td", {
    role: "cell",
    class: [left !== null && "pinned", cell?.edited && "changed"].filter(Boolean).join(" "),
    data: { label: nameOf({ name }), type, column: index, shape },
  });
  if (left !== null) node.style.left = `${left}px`;
  if (!cell) return node;
  node.append(drawCell(cell));
  if (cell.edited)
    node.append(el("span", { class: "edited", role: "img", title: "edited", "aria-label": "edited" }));
  return node;
}

/** Which row is open, which Tab comes to, and which are selected, on rows that are drawn. */
export function markRows(body, { current, opened, selection }) {
  for (const line of body.rows) {
    const row = Number(line.dataset.row);
    const tick = line.querySelector(".tick");
    line.setAttribute("aria-selected", row === opened);
    line.classList.toggle("selected", selection.rows.has(row));
    line.tabIndex = row === current ? 0 : -1;
    tick.tabIndex = line.tabIndex;
    tick.setAttribute("aria-checked", selection.rows.has(row));
  }
}

/** Whether a page shows what stands there already, so that nothing a person points at is drawn anew. */
export const isSamePage = (one, other) =>
  one.rows.length > 0 &&
  JSON.stringify([one.rows, one.columns]) === JSON.stringify([other.rows, other.columns]);
