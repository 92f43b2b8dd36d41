/* A small panel that opens at a button: a menu or a form. Escape, a click elsewhere and another panel close
   it, and the focus goes back to where it was. */

import { el } from "./dom.js";

const GAP = 4; // px between the button and the panel, and between the panel and the window

const panels = new WeakMap(); // button → its open panel

/** Opens a panel below a button. `role` is dialog or menu; returns {close}, or null where the click on the
 * button has just closed the one that was open. */
export function openPopover(button, { label, role = "dialog", kind = "" }, ...content) {
  if (panels.has(button)) return null;
  const panel = el(
    "div",
    { class: `st popover ${kind}`, popover: "auto", role, "aria-label": label },
    ...content,
  );
  document.getElementById("shell").append(panel);
  const close = () => dismiss(button, panel);
  panel.addEventListener("toggle", ({ newState }) => newState === "closed" && end(button, panel));
  panel.addEventListener("studio:dismiss", close);
  if (role === "menu") panel.addEventListener("keydown", (event) => moveInMenu(event, panel));
  panel.showPopover();
  place(panel, button.getBoundingClientRect());
  panels.set(button, panel);
  button.setAttribute("aria-expanded", true);
  focusFirst(panel);
  return { close };
}

/** An entry of a menu; it closes the menu, then works. */
export function menuItem(text, work, { checked } = {}) {
  const role = checked == null ? "menuitem" : "menuitemcheckbox";
  const item = el("button", { type: "button", role, "aria-checked": checked ?? null, tabindex: -1, text });
  item.addEventListener("click", () => {
    item.closest("[popover]").dispatchEvent(new Event("studio:dismiss"));
    work();
  });
  return item;
}

/** Closes a panel at once, so that the button may open another; the browser tells of it a little later. */
function dismiss(button, panel) {
  forget(button, panel);
  if (panel.matches(":popover-open")) panel.hidePopover();
}

function end(button, panel) {
  forget(button, panel);
  panel.remove();
}

function forget(button, panel) {
  if (panels.get(button) !== panel) return;
  panels.delete(button);
  button.setAttribute("aria-expanded", false);
}

function focusFirst(panel) {
  panel.querySelector("input, select, textarea, button")?.focus({ preventScroll: true });
}

/** Below the button where there is room, else above; never beyond the window. */
function place(panel, { left, right, top, bottom }) {
  const { offsetWidth: width, offsetHeight: height } = panel;
  const across = left + width + GAP > innerWidth ? right - width : left;
  const below = bottom + GAP + height <= innerHeight || top < height;
  const down = below ? Math.min(bottom + GAP, innerHeight - height - GAP) : top - height - GAP;
  panel.style.left = `${Math.max(GAP, Math.min(across, innerWidth - width - GAP))}px`;
  panel.style.top = `${Math.max(GAP, down)}px`;
}

function moveInMenu(event, panel) {
  const items = [...panel.querySelectorAll("[role^=menuitem]")];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  items.at(to % items.length)?.focus();
}
