/* The prompt styles as radios: those that fit the columns first, the others with what they lack. */

import { el } from "../dom.js";

export function styles({ element, props, trigger, watch }) {
  const box = element.querySelector("[data-styles]");

  function draw() {
    const value = props.value;
    if (!value?.styles) return;
    const focused = box.contains(document.activeElement) ? document.activeElement.value : null;
    const fitting = value.styles.filter((style) => !style.lacks.length);
    const others = value.styles.filter((style) => style.lacks.length);
    box.replaceChildren(
      ...fitting.map((style) => option(style, value.chosen)),
      ...(value.chosen === "own" ? [option(OWN, "own")] : []),
      ...(others.length ? [drawOthers(others, value.chosen)] : []),
    );
    if (focused) box.querySelector(`input[value="${CSS.escape(focused)}"]`)?.focus();
  }

  box.addEventListener("change", (event) => {
    if (event.target.value !== "own") trigger("choose", { style: event.target.value });
  });
  watch("value", draw);
  draw();
}

const OWN = { name: "own", label: "Your own", description: "The template that stands below.", lacks: [] };

function option(style, chosen) {
  const input = el("input", {
    type: "radio",
    name: "prompt-style",
    value: style.name,
    "aria-describedby": `style-${style.name}`,
  });
  input.checked = style.name === chosen;
  const words = style.lacks.length
    ? `Needs ${style.lacks.join(", ")}: choose it to map columns.`
    : style.description;
  return el(
    "div",
    { class: "choice" },
    el("label", {}, input, el("b", { text: style.label })),
    el("small", { id: `style-${style.name}`, text: words }),
  );
}

function drawOthers(others, chosen) {
  const open = others.some((style) => style.name === chosen);
  const summary = el("summary", { text: `${others.length} more that need other columns` });
  return el("details", { open }, summary, ...others.map((style) => option(style, chosen)));
}
