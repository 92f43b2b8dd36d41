/* Names of columns proposed while a placeholder is being written: a list under the caret. Arrows move, Enter and Tab
   take, Escape closes; the text box keeps the focus and says which is meant (aria-activedescendant). */

import { askedName, proposeNames, writeName } from "./grammar.js";
import { el } from "../dom.js";

const MOST = 50;
const GAP = 4; // px between the line of the caret and the list

/** Proposes `names()` in a text box. `rectAt(offset)` is where the character before it stands on the screen; `say`
 * announces. */
export function completeNames(area, { id, names, rectAt, say }) {
  const list = el("ul", { class: "names", id, role: "listbox", popover: "manual", "aria-label": "Columns" });
  let [asked, found, at] = [null, [], 0];
  area.setAttribute("aria-autocomplete", "list");
  area.setAttribute("aria-haspopup", "listbox");
  area.setAttribute("aria-controls", id);

  function look() {
    asked = area.selectionStart === area.selectionEnd ? askedName(area.value, area.selectionStart) : null;
    found = asked ? proposeNames(area.value, asked, names()).slice(0, MOST) : [];
    const done = found.length === 1 && asked.typed === found[0] && area.value[asked.to] === "}";
    if (!found.length || done) return close();
    at = 0;
    draw();
  }

  function draw() {
    list.replaceChildren(...found.map(option));
    if (!list.matches(":popover-open")) list.showPopover();
    const { right, top, bottom } = rectAt(asked.from);
    const { offsetWidth: width, offsetHeight: height } = list;
    const below = bottom + GAP + height <= innerHeight;
    list.style.left = `${Math.max(GAP, Math.min(right, innerWidth - width - GAP))}px`;
    list.style.top = `${below ? bottom + GAP : Math.max(GAP, top - height - GAP)}px`;
    mark();
    say(`${found.length} ${found.length === 1 ? "column" : "columns"}`);
  }

  const option = (name, i) =>
    el("li", {
      id: `${id}-${i}`,
      role: "option",
      text: name || '""',
      "aria-selected": false,
      on: {
        mousedown: (event) => {
          event.preventDefault(); // the text box keeps the focus
          take(i);
        },
      },
    });

  function mark() {
    [...list.children].forEach((line, i) => line.setAttribute("aria-selected", i === at));
    list.children[at].scrollIntoView({ block: "nearest" });
    area.setAttribute("aria-activedescendant", `${id}-${at}`);
  }

  function close() {
    if (list.matches(":popover-open")) list.hidePopover();
    list.replaceChildren();
    area.removeAttribute("aria-activedescendant");
    found = [];
  }

  function take(i) {
    const { from, to } = asked;
    const { text, caret } = writeName(area.value, asked, found[i]);
    close();
    area.setSelectionRange(from, to);
    // So that undo takes it back; where a browser has no such command, without.
    if (!document.execCommand("insertText", false, text)) {
      area.setRangeText(text, from, to, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    area.setSelectionRange(from + caret, from + caret);
    close();
  }

  const keys = {
    ArrowDown: () => (at = (at + 1) % found.length),
    ArrowUp: () => (at = (at + found.length - 1) % found.length),
    Enter: () => take(at),
    Tab: () => take(at),
    Escape: close,
  };
  area.addEventListener("keydown", (event) => {
    if (!found.length || !Object.hasOwn(keys, event.key) || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
    if (found.length) mark();
  });
  area.addEventListener("input", look);
  area.addEventListener("click", close);
  area.addEventListener("blur", close);
  return { list, close };
}
