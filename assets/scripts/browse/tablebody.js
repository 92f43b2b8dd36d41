/* The rows of the table: which one Tab comes to, which is open, which are selected, and how the keys move
   among them. */

import { drawRows, isSamePage, markRows } from "./grid.js";
import { extendTo, listRows, NOTHING, pageState, togglePage, toggleRow } from "./selection.js";

const AT_ONCE = 24; // rows that fill a window; those below are drawn a frame later

/** `open(row)` opens a record, `turn(by)` turns the page, `selected()` is called when other rows are
 * selected. */
export function tableBody(root, { open, turn, selected }) {
  const body = root.querySelector("tbody");
  let page = { rows: [], columns: [], offset: 0 };
  let [current, opened, selection] = [null, null, NOTHING];
  let drawn = 0; // rows of the page that are there already

  const marks = () => ({ current, opened, selection });
  const order = () => page.rows.map(({ row }) => row);

  /** Draws a page {rows, columns, offset}, each row with the cells of those columns. A quiet one that says
   * what stands there is left alone; the focus stays on its row, or else goes to the first. */
  function draw(next, { quiet = false } = {}) {
    const same = quiet && isSamePage(next, page);
    page = next;
    if (!order().includes(current)) current = order()[0] ?? null;
    if (same) return;
    const focused = body.contains(document.activeElement);
    drawn = 0;
    body.replaceChildren();
    drawUpTo(quiet ? page.rows.length : AT_ONCE);
    requestAnimationFrame(() => setTimeout(drawUpTo));
    if (focused) lineOf(current)?.focus({ preventScroll: true });
  }

  function drawUpTo(end = page.rows.length) {
    const part = { ...page, rows: page.rows.slice(drawn, end), offset: page.offset + drawn };
    drawn += part.rows.length;
    body.append(...drawRows(part, marks()));
  }

  /** The line of a row; those that are still to be drawn are, when it is none of the others. */
  function lineOf(row) {
    const find = () => body.querySelector(`tr[data-row="${row}"]`);
    const line = find();
    if (line || !order().includes(row)) return line;
    drawUpTo();
    return find();
  }

  function mark() {
    markRows(body, marks());
    selected();
  }

  /** Brings Tab to a row of the page, and the focus if it is to take it; false where the row is not there. */
  function focus(row, { take = true } = {}) {
    const line = lineOf(row);
    if (!line) return false;
    current = row;
    mark();
    if (take) line.focus({ preventScroll: true });
    line.scrollIntoView({ block: "nearest" });
    return true;
  }

  /** One row up or down, over the edge of the page too. What is open goes along. */
  async function move(by) {
    const rows = order();
    const at = rows.indexOf(current);
    const began = body.contains(document.activeElement) || opened !== null;
    const to = began ? at + by : at;
    if (to < 0 || to >= rows.length) {
      if (!(await turn(by))) return;
    }
    const row = to < 0 ? order().at(-1) : to >= rows.length ? order()[0] : rows[to];
    if (row !== undefined) go(row);
  }

  function go(row) {
    if (opened === null) focus(row);
    else open(row);
  }

  function toggle(row, { range = false } = {}) {
    selection = range ? extendTo(selection, row, order()) : toggleRow(selection, row);
    mark();
  }

  /** The row that a key is meant for: the one with the focus, or else the open one, or else where Tab comes
   * to. */
  const atHand = () => (body.contains(document.activeElement) ? current : (opened ?? current));

  body.addEventListener("focusin", ({ target }) => {
    const row = Number(target.closest("tr").dataset.row);
    if (row === current) return;
    current = row;
    markRows(body, marks());
  });
  return {
    draw,
    mark,
    focus,
    move,
    toggle,
    first: () => page.rows.length && go(order()[0]),
    last: () => page.rows.length && go(order().at(-1)),
    togglePage() {
      selection = togglePage(selection, order());
      mark();
    },
    clear() {
      selection = NOTHING;
      mark();
    },
    /** Says which record is open; null when none is. */
    setOpened(row) {
      if (row !== null && lineOf(row)) current = row;
      opened = row;
      mark();
    },
    opened: () => opened,
    atHand,
    selection: () => selection,
    selectedRows: () => listRows(selection),
    pageState: () => (page.rows.length ? pageState(selection, order()) : "false"),
    /** Whether all of these rows that are on the page are excluded, and one is. */
    areExcluded(rows) {
      const known = page.rows.filter(({ row }) => rows.includes(row));
      return known.length > 0 && known.every(({ excluded }) => excluded);
    },
  };
}
