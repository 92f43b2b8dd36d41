/* A choice of a few, side by side: radios that look like a switch. */

import { el } from "../dom.js";

let groups = 0;

/** Draws choices [value, label] into `box`, a radiogroup; {choose(value)} shows one as chosen. */
export function segments(box, choices, changed) {
  const name = `segments-${++groups}`;
  const inputs = choices.map(([value]) => el("input", { type: "radio", name, value }));
  const labels = choices.map(([, label], i) => el("label", {}, inputs[i], el("span", { text: label })));
  box.replaceChildren(...labels);
  box.addEventListener("change", ({ target }) => changed(target.value));
  return {
    choose(value) {
      for (const input of inputs) input.checked = input.value === value;
    },
  };
}
