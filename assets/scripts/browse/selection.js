/* Which rows are selected: one by one, a range from the last one, a whole page. Every change gives a new
   selection, and rows stay selected when the page turns. */

export const NOTHING = Object.freeze({ rows: new Set(), anchor: null });

/** Selects a row, or lets it go. */
export function toggleRow({ rows }, row) {
  const next = new Set(rows);
  if (!next.delete(row)) next.add(row);
  return { rows: next, anchor: row };
}

/** Does to the rows from the last one to this one what was done to the last one; `order` is the page from top
 * to bottom. */
export function extendTo(selection, row, order) {
  const [from, to] = [order.indexOf(selection.anchor), order.indexOf(row)];
  if (from < 0 || to < 0) return toggleRow(selection, row);
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return setRows(selection, range, selection.rows.has(selection.anchor), row);
}

/** Selects a whole page, or lets it go when all of it is selected. */
export const togglePage = (selection, order) =>
  setRows(selection, order, pageState(selection, order) !== "true", null);

/** How much of a page is selected: "true", "false" or "mixed", as `aria-checked` wants it. */
export function pageState({ rows }, order) {
  const held = order.filter((row) => rows.has(row)).length;
  if (held === 0) return "false";
  return held === order.length ? "true" : "mixed";
}

/** The selected rows in the order of the table. */
export const listRows = ({ rows }) => [...rows].sort((a, b) => a - b);

function setRows(selection, range, selected, anchor) {
  const rows = new Set(selection.rows);
  for (const row of range) selected ? rows.add(row) : rows.delete(row);
  return { rows, anchor };
}
