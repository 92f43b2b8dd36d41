/* The bar of changes above the table: how many there are, undo and redo, and the door to the list of all of them. */

import { changesOf, redo, sayChanges, undo, watchChanges } from "./changes.js";
import { openChangesList } from "./changeslist.js";
import { el, icon } from "../dom.js";

const BACK = "M6 3 2.5 6.5 6 10M2.5 6.5h7a3.5 3.5 0 0 1 0 7H7";
const FORTH = "m10 3 3.5 3.5L10 10M13.5 6.5h-7a3.5 3.5 0 0 0 0 7H9";

/** Draws the bar into `element` and follows the changes of the table that was told of last. */
export function changesBar(element) {
  if (!element) return;
  let table = "";
  const list = el("button", {
    class: "button small",
    type: "button",
    "aria-haspopup": "dialog",
    hidden: true,
  });
  const back = icon(BACK, "Undo", () => act(back, undo));
  const forth = icon(FORTH, "Redo", () => act(forth, redo));
  const status = el("span", { class: "off-screen", role: "status" });
  const ways = el(
    "span",
    { class: "changes-ways", role: "group", "aria-label": "Changes" },
    list,
    back,
    forth,
  );
  element.replaceChildren(ways, status);
  list.addEventListener("click", () => openChangesList(table));
  watchChanges(draw);
  draw({ ...changesOf(""), said: "" });

  function draw({ said, ...now }) {
    table = now.table;
    const words = sayChanges(now);
    list.textContent = words;
    list.hidden = !words;
    label(back, "Undo", now.undo, "u");
    label(forth, "Redo", now.redo, "Shift+U");
    ways.classList.toggle("none", !words && !now.undo && !now.redo);
    if (said) status.textContent = `${said}. ${words || "Nothing is excluded or edited"}.`;
  }

  function act(button, work) {
    if (button.getAttribute("aria-disabled") === "false") work(table);
  }
}

/** Not `disabled`, which would lose the focus of one who steps back to the start. */
function label(button, word, what, key) {
  button.setAttribute("aria-disabled", String(!what));
  button.setAttribute("aria-label", what ? `${word}: ${what}` : `${word}: nothing to ${word.toLowerCase()}`);
  button.title = what ? `${word}: ${what} (${key})` : "";
}
