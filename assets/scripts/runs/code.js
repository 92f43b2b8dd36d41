/* Code and texts for a person to take: a block with a button that copies it, and a dialog that shows a whole file. */

import { openDialog } from "../dialog.js";
import { copyButton, el } from "../dom.js";
import { drawProblem } from "../notice.js";

/** A block of code; `label` says what its button copies. */
export function drawCode(text, label) {
  const code = el("pre", { tabindex: 0, role: "region", "aria-label": label.replace(/^Copy /, "") }, el("code", { text }));
  return el("div", { class: "take-code" }, code, copyButton(label, () => text));
}

/** Opens a dialog with a title over the text that `read()` gives. */
export async function openText(title, read) {
  const body = el("div", { class: "take-text", "aria-live": "polite" });
  openDialog(title, [body]);
  try {
    body.replaceChildren(drawCode(await read(), `Copy the ${title}`));
  } catch (problem) {
    body.replaceChildren(drawProblem(problem));
  }
}
