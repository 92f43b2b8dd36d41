/* The shapes that a record can be exported in, as radios: those that the template can fill, then the others with what
   they lack; and the two that the course has, which are a shape with names. */

import { change, work } from "./work.js";
import { el } from "../dom.js";

/** Draws the shapes into `box` and the course's into `foot`: {draw}. */
export function formatList(box, foot) {
  function draw() {
    const { formats, presets, format } = work.known;
    const focused = box.contains(document.activeElement) ? document.activeElement.value : null;
    const ordered = [...formats].sort((one, other) => Boolean(one.reason) - Boolean(other.reason));
    box.replaceChildren(...ordered.map((one) => drawFormat(one, format)));
    if (focused) box.querySelector(`input[value="${CSS.escape(focused)}"]`)?.focus();
    foot.replaceChildren(
      el("span", { class: "quiet", text: "As in the course:" }),
      ...presets.map(drawPreset),
    );
  }

  box.addEventListener("change", ({ target }) => change({ format: target.value }));
  return { draw };
}

function drawFormat({ name, label, description, how, reason }, chosen) {
  const input = el("input", {
    type: "radio",
    name: "export-format",
    value: name,
    disabled: Boolean(reason),
    "aria-describedby": `format-${name}`,
  });
  input.checked = name === chosen;
  return el(
    "div",
    { class: "choice" },
    el("label", {}, input, el("b", { text: label })),
    el("small", { id: `format-${name}`, text: reason || (name === chosen && how) || description }),
  );
}

function drawPreset({ label, description, format, names, reason }) {
  const button = el("button", {
    class: "button small",
    type: "button",
    text: label.replace(/^Course: /, ""),
    title: reason || description,
    disabled: Boolean(reason),
    "aria-pressed": isChosen(format, names),
  });
  button.addEventListener("click", () => change({ format, names }));
  return button;
}

function isChosen(format, names) {
  const { known } = work;
  const same = (one, other) =>
    JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
  return known.format === format && same(known.names, names);
}
