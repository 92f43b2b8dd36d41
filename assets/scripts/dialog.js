/* A dialog over the page: it holds the focus while it is open; Escape, Cancel or Close, and another place close it. */

import { el } from "./dom.js";
import { onPlace, readPlace } from "./place.js";

/** Opens a dialog with a title, content and the buttons of its foot; returns {close}. */
export function openDialog(title, content, ...actions) {
  const id = `dialog-${Date.now()}`;
  const cancel = el("button", { class: "button", type: "button", text: actions.length ? "Cancel" : "Close" });
  const dialog = el(
    "dialog",
    { class: "st dialog", "aria-labelledby": id },
    el("header", {}, el("h2", { id, text: title })),
    el("div", { class: "dialog-body" }, ...content),
    el("footer", {}, cancel, ...actions),
  );
  const place = readPlace();
  document.getElementById("shell").append(dialog);
  cancel.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  const leave = onPlace((now) => (now.tab !== place.tab || now.table !== place.table) && dialog.close());
  dialog.addEventListener("close", leave);
  dialog.showModal();
  return { close: () => dialog.close() };
}
