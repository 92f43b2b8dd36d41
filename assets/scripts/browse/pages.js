/* Asks the server for pages of a table. The last question wins, and while a search goes on it is asked again.
 */

import { getJson } from "../api.js";
import { askRows, isNarrowed } from "./query.js";

const SOON = 60; // ms until the second look at a search that goes on; each pause is longer, up to
const PAUSE = 300;

/** `onPage(page, {quiet})` and `onProblem(problem, {quiet})` are called with what comes of the last question
 * alone. */
export function pageLoader(onPage, onProblem) {
  let [asked, clock] = [0, 0];

  /** Resolves once the first answer is drawn, or has been overtaken. */
  async function load(table, ask, { quiet = false } = {}) {
    const call = ++asked;
    clearTimeout(clock);
    await look(call, table, ask, quiet, SOON);
  }

  async function look(call, table, ask, quiet, pause) {
    try {
      const page = await getJson(`tables/${table}/rows`, ask);
      if (call !== asked) return;
      onPage(page, { quiet });
      if (page.done === false)
        clock = setTimeout(look, pause, call, table, ask, true, Math.min(PAUSE, 2 * pause));
    } catch (problem) {
      if (call === asked) onProblem(problem, { quiet });
    }
  }

  /** Takes back the last question. */
  function forget() {
    asked += 1;
    clearTimeout(clock);
  }

  return { load, forget };
}

/** Where a row stands among the records that a query finds; -1 where it is not among them, or they stand in another
 * order than the table's. */
export async function findOffset(table, query, row, total) {
  if (query.sort) return -1;
  if (!isNarrowed(query)) return row;
  const ask = { ...askRows(query), sort: null, descending: null };
  let [low, high] = [0, total];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const { rows } = await getJson(`tables/${table}/search`, { ...ask, offset: middle, limit: 1 });
    if (rows[0] === row) return middle;
    if (rows.length && rows[0] < row) low = middle + 1;
    else high = middle;
  }
  return -1;
}
