/* What the keys do on the Browse tab, for those who ask. */

import { openKeys } from "../keys.js";

const GROUPS = [
  [
    "Read",
    [
      [["j", "↓"], "next record"],
      [["k", "↑"], "previous record"],
      [["Enter"], "open the record"],
      [["Esc"], "close it"],
      [["Home"], "first record of the page"],
      [["End"], "last record of the page"],
      [["]"], "next page"],
      [["["], "previous page"],
      [["g"], "go to a row number"],
      [["/"], "search"],
      [["q"], "open or close Quality"],
    ],
  ],
  [
    "Change",
    [
      [["s"], "select, or not"],
      [["x"], "exclude, or restore, the selection or the record"],
      [["u"], "undo"],
      [["Shift+U"], "redo"],
    ],
  ],
  [
    "In a field that is edited",
    [
      [["Ctrl+Enter"], "save"],
      [["Esc"], "cancel"],
    ],
  ],
];

/** Opens the help on keys. */
export const openBrowseKeys = () => openKeys(GROUPS, "None of the letters works while you type in a box.");
