/* All weights, or an adapter beside them. */

import { ask, isAdapter, work } from "./work.js";
import { el } from "../dom.js";

const METHODS = [
  { value: false, label: "All weights", words: "Every weight is trained: learns most, takes most memory." },
  {
    value: true,
    label: "LoRA adapter",
    words: "A small adapter is trained beside the weights, which stay as they are: less memory and disk.",
  },
];

/** Draws the choice into `room`: {draw}. */
export function methodChoice(room) {
  const words = el("small", { id: "method-words" });
  const inputs = METHODS.map(({ value }) =>
    el("input", { type: "radio", name: "use-peft", value: String(value), "aria-describedby": "method-words" }),
  );
  const labels = METHODS.map(({ label }, at) => el("label", {}, inputs[at], label));
  const segments = el("div", { class: "segments", role: "radiogroup", "aria-label": "Method" }, ...labels);
  room.replaceChildren(segments, el("code", { text: "use_peft" }), words);
  segments.addEventListener("change", ({ target }) => ask("use_peft", target.value === "true"));

  function draw() {
    room.hidden = work.model.kind === "tiny";
    const chosen = METHODS.findIndex(({ value }) => value === isAdapter());
    inputs[chosen].checked = true;
    words.textContent = METHODS[chosen].words;
  }

  return { draw };
}
