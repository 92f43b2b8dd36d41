/* The figures of a table's columns: asked again until all of them are there, each handed on as it is ready.
 */

import { getJson } from "../api.js";

const PAUSE = 300; // ms between two looks, growing up to PATIENCE
const PATIENCE = 2000;

/** `onStats(stats, records)` is called for every column that is new or has changed. */
export function watchStats(onStats) {
  let [asked, clock, known] = [0, 0, new Map()];

  async function look(table, indexes, call = ++asked, pause = PAUSE) {
    clearTimeout(clock);
    if (indexes.length === 0) return;
    let answer;
    try {
      answer = await getJson(`tables/${table}/stats`, { columns: indexes.join() });
    } catch {
      return; // the table says what is wrong; its figures stay as they were
    }
    if (call !== asked) return;
    for (const stats of answer.columns) take(stats, answer.records);
    if (!answer.done) clock = setTimeout(look, pause, table, indexes, call, Math.min(PATIENCE, 1.5 * pause));
  }

  function take(stats, records) {
    const spelled = JSON.stringify([stats, records]);
    if (known.get(stats.index)?.spelled === spelled) return;
    known.set(stats.index, { stats, records, spelled });
    onStats(stats, records);
  }

  /** Forgets what is known, for another table. */
  function forget() {
    asked += 1;
    clearTimeout(clock);
    known = new Map();
  }

  return { look, forget, all: () => [...known.values()], of: (index) => known.get(index)?.stats };
}
