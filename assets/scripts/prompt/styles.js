/* The library of prompt styles as radios: those that fit the columns first, with the columns that they have; the
   others with what they lack. A search looks into names, descriptions and sources. */

import { el } from "../dom.js";

const FEW = 5; // fitting styles that are shown before one asks for more

export function styles({ element, props, trigger, watch }) {
  const [box, search] = [element.querySelector("[data-styles]"), element.querySelector("[data-search]")];

  function draw() {
    const value = props.value;
    if (!value?.styles) return;
    const focused = box.contains(document.activeElement) ? document.activeElement.value : null;
    const words = search.value.trim().toLowerCase();
    const found = value.styles.filter((style) => holds(style, words));
    const fitting = found.filter((style) => style.has.length);
    const others = found.filter((style) => !style.has.length);
    const at = fitting.findIndex((style) => style.name === value.chosen);
    const few = words ? fitting.length : Math.max(FEW, at + 1);
    box.replaceChildren(
      ...(value.chosen === "own" ? [option(OWN, "own")] : []),
      ...fitting.slice(0, few).map((style) => option(style, value.chosen)),
      ...drawMore(fitting.slice(few), "more that fit", value.chosen, false),
      ...drawMore(others, "more that need other columns", value.chosen, Boolean(words)),
      ...(found.length ? [] : [el("p", { class: "quiet", text: "No style has these words." })]),
    );
    if (focused) box.querySelector(`input[value="${CSS.escape(focused)}"]`)?.focus();
  }

  box.addEventListener("change", (event) => {
    if (event.target.value !== "own") trigger("choose", { style: event.target.value });
  });
  search.addEventListener("input", draw);
  watch("value", draw);
  draw();
}

const OWN = { name: "own", label: "Your own", description: "The template that stands below.", has: [], lacks: [] };

const holds = ({ name, label, group, description, source }, words) =>
  !words || [name, label, group, description, source].some((text) => text.toLowerCase().includes(words));

function option(style, chosen) {
  const input = el("input", {
    type: "radio",
    name: "prompt-style",
    value: style.name,
    "aria-describedby": `style-${style.name}`,
  });
  input.checked = style.name === chosen;
  return el(
    "div",
    { class: "choice", title: style.source },
    el("label", {}, input, el("b", { text: style.label })),
    el("small", { id: `style-${style.name}`, text: describe(style) }),
  );
}

function describe({ description, has, lacks }) {
  if (has.length) return `${description} It fits: has ${has.join(", ")}.`;
  return lacks.length ? `${description} Needs ${lacks.join(", ")}: choose it to map columns.` : description;
}

function drawMore(list, words, chosen, open) {
  if (!list.length) return [];
  const shown = open || list.some((style) => style.name === chosen);
  const summary = el("summary", { text: `${list.length} ${words}` });
  return [el("details", { open: shown }, summary, ...list.map((style) => option(style, chosen)))];
}
