/* What the keys do on the Browse tab, for those who ask. */

import { openDialog } from "../dialog.js";
import { el } from "../dom.js";

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
export function openKeys() {
  const words = el("p", { class: "quiet", text: "None of the letters works while you type in a box." });
  openDialog("Keys", [...GROUPS.map(([title, keys]) => drawGroup(title, keys)), words]);
}

function drawGroup(title, keys) {
  const list = el("dl", { class: "key-list" });
  for (const [signs, words] of keys) {
    const caps = signs.map((sign) => el("kbd", { class: "key", text: sign }));
    list.append(el("div", {}, el("dt", {}, ...caps), el("dd", { text: words })));
  }
  return el("section", { class: "key-group" }, el("h3", { text: title }), list);
}
