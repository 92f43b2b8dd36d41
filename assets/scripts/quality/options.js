/* What a survey looks for only when it is asked to, with a switch each. */

import { el } from "../dom.js";
import { sayCost } from "./findings.js";

/** Draws the switches into `list`; `onSwitch(name, on)` is called when one is turned. They are drawn anew only where
 * there are others, so that the one at hand keeps the focus. */
export function drawOptions(list, options, onSwitch) {
  const spelled = JSON.stringify(options.map(({ name, on }) => [name, on]));
  if (list.dataset.drawn === spelled) return;
  const focused = document.activeElement?.closest?.(".quality-option")?.dataset.name;
  list.dataset.drawn = spelled;
  list.replaceChildren(...options.map((option) => drawOption(option, onSwitch)));
  if (focused) list.querySelector(`[data-name="${focused}"] input`)?.focus({ preventScroll: true });
}

function drawOption({ name, title, explanation, seconds, on }, onSwitch) {
  const input = el("input", { type: "checkbox", role: "switch" });
  input.checked = on;
  input.addEventListener("change", () => onSwitch(name, input.checked));
  const cost = on ? "" : sayCost(seconds);
  return el(
    "li",
    { class: "quality-option", data: { name } },
    el("label", {}, input, el("b", { text: title }), el("span", { class: "quiet cost", text: cost })),
    el("p", { class: "quiet", text: explanation }),
  );
}
