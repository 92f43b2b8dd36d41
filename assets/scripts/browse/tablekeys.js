/* The keys of the table. None of them works in a text box, a panel or a dialog; arrows belong to the record
   and to the headers while those have the focus. */

import { redo, undo } from "../record/changes.js";
import { openBrowseKeys } from "./keys.js";

/** What each key does, for `onKeys`; `table()` is the id of the table. */
export function tableKeys({ body, box, foot, turn, open, close, toggleExcluded, quality, table }) {
  const row = (event) => event.target.closest?.("tbody tr[data-row]");
  const away = "[popover], dialog, .menu-holder";
  const outside = (work) => (event) => (event.target.closest?.(away) ? false : work(event));
  const arrow = (by) => (event) =>
    event.target.closest?.(".record, .quality, thead, .tools") ? false : void body.move(by);
  const inside = (work) => (event) => (row(event) ? work() : false);
  const keys = {
    "/": () => box.focus(),
    j: () => body.move(1),
    k: () => body.move(-1),
    ArrowDown: arrow(1),
    ArrowUp: arrow(-1),
    Home: inside(() => body.first()),
    End: inside(() => body.last()),
    "]": () => turn(1),
    "[": () => turn(-1),
    g: () => foot.focusRow(),
    s: () => body.atHand() !== null && body.toggle(body.atHand()),
    x: toggleExcluded,
    q: () => quality.turn(),
    u: () => undo(table()),
    U: () => redo(table()),
    "?": openBrowseKeys,
    Enter: (event) =>
      event.target.matches?.("tr[data-row]") ? open(Number(event.target.dataset.row)) : false,
    Escape: close,
  };
  return Object.fromEntries(Object.entries(keys).map(([key, work]) => [key, outside(work)]));
}
