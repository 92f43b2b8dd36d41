/* The help on a stage's keys: what each of them does. */

import { openDialog } from "./dialog.js";
import { el } from "./dom.js";

/** Opens the help; groups are [title, [[[key, …], what it does], …]], `words` stand below them. */
export function openKeys(groups, words) {
  openDialog("Keys", [...groups.map(([title, keys]) => drawGroup(title, keys)), el("p", { class: "quiet", text: words })]);
}

function drawGroup(title, keys) {
  const list = el("dl", { class: "key-list" });
  for (const [signs, words] of keys) {
    const caps = signs.map((sign) => el("kbd", { class: "key", text: sign }));
    list.append(el("div", {}, el("dt", {}, ...caps), el("dd", { text: words })));
  }
  return el("section", { class: "key-group" }, el("h3", { text: title }), list);
}
