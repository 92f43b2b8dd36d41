/* The library of prompt styles as radios: those that fit the columns first, with the columns that they have; the
   others with what they lack. A search looks into names, descriptions and sources. */

import { choose, lastOwn, typeTemplate, work } from "./work.js";
import { el } from "../dom.js";

const FEW = 4; // fitting styles that are shown before one asks for more
const OWN = {
  name: "own",
  label: "Your own",
  description: "The template that stands below.",
  has: [],
  lacks: [],
};
const LAST = { ...OWN, description: "The template that you wrote last. Choose it to go back to it." };

/** Draws the styles into `box`, narrowed by the words in `search`: {draw}. */
export function styleList(box, search) {
  let drawn = "";

  function draw() {
    if (!work.known) return;
    const { styles } = work.known;
    const chosen = work.unsaved ? "own" : work.known.chosen;
    const words = search.value.trim().toLowerCase();
    const own = chosen === "own" ? [OWN] : lastOwn() ? [LAST] : [];
    const now = JSON.stringify([styles, chosen, words, own]);
    if (now !== drawn) drawAll(styles, chosen, words, own);
    drawn = now;
  }

  function drawAll(styles, chosen, words, own) {
    const focused = box.contains(document.activeElement) ? document.activeElement.value : null;
    const found = styles.filter((style) => holds(style, words));
    const fitting = found.filter((style) => style.has.length);
    const others = found.filter((style) => !style.has.length);
    const at = fitting.findIndex((style) => style.name === chosen);
    const few = words ? fitting.length : Math.max(FEW, at + 1);
    const open = new Set([...box.querySelectorAll("details[open]")].map(({ dataset }) => dataset.fold));
    const more = (list, fold, text, shown) =>
      drawMore(list, { fold, text, chosen, open: shown || open.has(fold) });
    box.replaceChildren(
      ...own.map((style) => option(style, chosen)),
      ...fitting.slice(0, few).map((style) => option(style, chosen)),
      ...more(fitting.slice(few), "fit", "more that fit", false),
      ...more(others, "others", "more that need other columns", Boolean(words)),
      ...(found.length ? [] : [el("p", { class: "quiet", text: "No style has these words." })]),
    );
    if (focused) box.querySelector(`input[value="${CSS.escape(focused)}"]`)?.focus();
  }

  box.addEventListener("change", ({ target }) => {
    if (target.value !== "own") choose({ style: target.value });
    else if (lastOwn()) typeTemplate(lastOwn().template, { columns: lastOwn().columns });
  });
  search.addEventListener("input", draw);
  return { draw };
}

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

function drawMore(list, { fold, text, chosen, open }) {
  if (!list.length) return [];
  const shown = open || list.some((style) => style.name === chosen);
  const summary = el("summary", { text: `${list.length} ${text}` });
  const lines = list.map((style) => option(style, chosen));
  return [el("details", { open: shown, data: { fold } }, summary, ...lines)];
}
