/* The choice of a tokenizer: the tiny one, those used before, a folder of this machine, an id of the Hub. */

import { getJson } from "../api.js";
import { el } from "../dom.js";
import { drawProblem } from "../notice.js";
import { openPopover } from "../popover.js";
import { nameChoice, readChoice } from "./tokenizer.js";

const FIELDS = [
  ["folder", "A folder of this machine", "/path/to/tokenizer"],
  ["hub", "An id of the Hub, fetched once", "org/name"],
];

/** A button that opens the choice: {element, draw(choice)}; `choose(choice)` is called with what was chosen. */
export function tokenizerChooser(choose) {
  const name = el("b");
  const button = el("button", {
    class: "button small tokenizer",
    type: "button",
    "aria-haspopup": "dialog",
    "aria-expanded": false,
  });
  button.append(el("span", { class: "quiet", text: "Tokenizer" }), name, el("i", { class: "chevron" }));
  let current = "";

  function draw(choice) {
    current = choice;
    name.textContent = nameChoice(choice);
    button.title = choice;
  }

  button.addEventListener("click", () => openChoices(button, current, choose));
  return { element: button, draw };
}

function openChoices(button, current, choose) {
  const list = el("div", { class: "tokenizers" });
  const panel = openPopover(
    button,
    { label: "Tokenizer", kind: "tokenizer-choice" },
    list,
    ...FIELDS.map(field),
  );
  if (panel) fill();

  async function fill() {
    try {
      const known = await getJson("tokenizers");
      list.replaceChildren(...known.map((one) => drawKnown(one, current, take)));
      list.querySelector("[aria-pressed=true]")?.focus({ preventScroll: true });
    } catch (problem) {
      list.replaceChildren(drawProblem(problem));
    }
  }

  function field([kind, label, placeholder]) {
    return drawField({ kind, label, placeholder }, take);
  }

  function take(choice) {
    panel.close();
    button.focus();
    if (choice !== current) choose(choice);
  }
}

function drawKnown({ choice, label, words }, current, take) {
  const button = el("button", { class: "known", type: "button", "aria-pressed": choice === current });
  button.append(el("b", { text: label }), el("small", { text: words ?? "" }));
  button.addEventListener("click", () => take(choice));
  return button;
}

function drawField({ kind, label, placeholder }, take) {
  const wrong = el("p", { class: "wrong", role: "alert", id: `tokenizer-${kind}-wrong` });
  const input = el("input", { type: "text", placeholder, spellcheck: "false", autocomplete: "off" });
  input.setAttribute("aria-describedby", wrong.id);
  const use = el("button", {
    class: "button small",
    type: "submit",
    text: "Use",
    "aria-label": `Use ${kind}`,
  });
  const row = el("span", { class: "row" }, input, use);
  const form = el("form", { class: "own" }, el("label", {}, el("span", { text: label }), row), wrong);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { choice, problem = "" } = readChoice(kind, input.value);
    wrong.textContent = problem;
    input.setAttribute("aria-invalid", Boolean(problem));
    if (problem) input.focus();
    else take(choice);
  });
  return form;
}
