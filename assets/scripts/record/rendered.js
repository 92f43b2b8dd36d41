/* The open record as the chosen template renders it, under its fields. */

import { drawExample } from "../prompt/text.js";
import { drawNotice } from "../notice.js";
import { goTo } from "../place.js";
import { el } from "../dom.js";

let shown = true; // a fold that was closed stays closed from record to record

/** The section: {element, draw(example)}. */
export function renderedPrompt() {
  const style = el("span", { class: "quiet" });
  const body = el("div", { class: "rendered" });
  const fold = el(
    "details",
    { class: "rendered-fold", open: shown },
    el("summary", {}, el("h3", { text: "Prompt" }), style),
    body,
  );
  fold.addEventListener("toggle", () => (shown = fold.open));

  function draw(example, row) {
    style.textContent = example.problem ? "" : (example.style ?? "your own template");
    const link = linkToPrompt(row, example.problem ? "Choose a template on the Prompt tab" : "Prompt tab");
    if (example.problem) body.replaceChildren(drawNotice({ kind: "info", ...example.problem }), link);
    else body.replaceChildren(drawText(example), ...drawCut(example), link);
  }

  return { element: fold, draw };
}

function drawText(example) {
  const box = el("div", { class: "example field", dir: "auto", tabindex: 0, role: "group" });
  box.setAttribute("aria-label", "The rendered prompt");
  box.append(...drawExample(example));
  return box;
}

const drawCut = ({ cut }) =>
  cut ? [el("p", { class: "quiet cut", text: "Only the first 10,000 characters are shown." })] : [];

function linkToPrompt(row, text) {
  const link = el("a", { class: "to-prompt", href: `?tab=prompt&row=${row}`, text });
  link.addEventListener("click", (event) => {
    event.preventDefault();
    goTo({ tab: "prompt", row });
  });
  return link;
}
