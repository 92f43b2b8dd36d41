/* Hints: rules of thumb of the field that a split does not meet. One that was dismissed stays away in this browser. */

import { el } from "../dom.js";

const KEY = "studio-hints-dismissed";

/** The hints that were not dismissed, each with a button that does; `draw()` is called once one was. */
export function drawHints(hints, draw, storage = globalThis.localStorage) {
  const gone = readDismissed(storage);
  return hints.filter(({ code }) => !gone.includes(code)).map((hint) => drawHint(hint, draw, storage));
}

export function readDismissed(storage) {
  try {
    const codes = JSON.parse(storage.getItem(KEY) ?? "[]");
    return Array.isArray(codes) ? codes.filter((code) => typeof code === "string") : [];
  } catch {
    return [];
  }
}

export function dismiss(code, storage) {
  try {
    storage.setItem(KEY, JSON.stringify([...new Set([...readDismissed(storage), code])]));
  } catch {
    // A browser that keeps nothing shows the hint again.
  }
}

function drawHint({ code, message }, draw, storage) {
  const button = el("button", {
    class: "button small",
    type: "button",
    text: "Dismiss",
    "aria-label": `Dismiss: ${message}`,
  });
  button.addEventListener("click", () => {
    dismiss(code, storage);
    draw();
  });
  return el("li", {}, el("span", {}, el("b", { text: "Hint" }), ` ${message}`), button);
}
