/* The keys of the comparison. None of them works in a text box, a panel or a dialog. */

import { openKeys } from "../keys.js";

const GROUPS = [
  [
    "Read",
    [
      [["j"], "next record"],
      [["k"], "previous record"],
      [["]"], "next page"],
      [["["], "previous page"],
      [["o"], "show all of a long text, or less"],
      [["n"], "open or close the nearest training records"],
      [["/"], "search"],
    ],
  ],
  [
    "Mark the record at hand",
    [
      [["b"], "better"],
      [["w"], "worse"],
      [["s"], "the same"],
      [["u"], "undo"],
    ],
  ],
];
const MARKED = "The same key again takes a mark away. None of the letters works while you type in a box.";

/** What each key does, for `onKeys`. */
export function compareKeys({ list, tools, turn }) {
  const keys = {
    "/": tools.focus,
    j: () => void list.move(1),
    k: () => void list.move(-1),
    "]": () => tools.canTurn(1) && void turn(1),
    "[": () => tools.canTurn(-1) && void turn(-1),
    b: () => list.markCurrent("better"),
    w: () => list.markCurrent("worse"),
    s: () => list.markCurrent("same"),
    u: () => void list.undo(),
    n: list.openNearest,
    o: list.unfold,
    "?": () => openKeys(GROUPS, MARKED),
  };
  const outside = (work) => (event) => (event.target.closest?.("[popover], dialog, .menu-holder") ? false : work(event));
  return Object.fromEntries(Object.entries(keys).map(([key, work]) => [key, outside(work)]));
}
