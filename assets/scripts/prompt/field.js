/* One text of a template: a text box over the same text in colours, with what is wrong at its place and below it. */

import { completeNames } from "./completion.js";
import { scan, toUnits } from "./grammar.js";
import { el } from "../dom.js";

let fields = 0;

/** A field {element, area, show(text), mark({known, problem})}. `label` names it; `names()` are the columns that it may
 * use; `typed(text)` is called at every change; `tools` stand beside its label. */
export function codeField({ label, title, names, typed, tools = [] }) {
  const id = `template-field-${++fields}`;
  let [known, problem] = [() => true, null];
  const colours = el("pre", { "aria-hidden": "true" });
  const area = el("textarea", {
    id,
    rows: 1,
    dir: "ltr",
    spellcheck: "false",
    autocapitalize: "off",
    autocomplete: "off",
    "aria-label": label,
    "aria-describedby": `${id}-wrong`,
  });
  const wrong = el("p", { class: "wrong", id: `${id}-wrong`, "aria-live": "polite" });
  const status = el("span", { class: "off-screen", role: "status" });
  const say = (words) => (status.textContent = words);
  area.addEventListener("input", () => {
    problem = null; // it stays in words until the server has read the new text
    paint(); // before names are proposed at a place in it
    typed(area.value);
  });
  const completion = completeNames(area, { id: `${id}-names`, names, rectAt, say });
  const element = el(
    "div",
    { class: "part" },
    el(
      "div",
      { class: "part-head" },
      title ?? el("label", { for: id, text: label.replace(/ template$/, "") }),
      ...tools,
    ),
    el("div", { class: "code" }, colours, area),
    wrong,
    completion.list,
    status,
  );

  /** Where the character before `offset` stands on the screen: the coloured text lies exactly under the typed one. */
  function rectAt(offset) {
    const walker = document.createTreeWalker(colours, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (offset > node.length) {
        offset -= node.length;
        continue;
      }
      const range = document.createRange();
      range.setStart(node, offset - 1);
      range.setEnd(node, offset);
      return range.getBoundingClientRect();
    }
    return colours.getBoundingClientRect();
  }

  function paint() {
    const text = area.value;
    const at = problem?.position == null ? -1 : toUnits(text, problem.position);
    const spans = scan(text).map((span) => {
      const name = span.kind === "placeholder" || span.kind === "section";
      const bad = (span.start <= at && at < span.end && span.kind !== "text") || (name && !known(span.name));
      const piece = text.slice(span.start, span.end);
      return span.kind === "text"
        ? document.createTextNode(piece)
        : el("span", { class: bad ? `${span.kind} bad` : span.kind, text: piece });
    });
    // A last line without a sign would have no height.
    colours.replaceChildren(...spans, document.createTextNode("\n"));
  }

  return {
    element,
    area,
    /** Puts a text into the box, unless it stands there. */
    show(text) {
      if (area.value !== text) area.value = text;
      paint();
    },
    /** Marks names that `known(name)` does not know, and a problem {message, hint, position} or null. */
    mark(next) {
      ({ known, problem } = next);
      paint();
      const words = problem ? [el("b", { text: problem.message }), ` ${problem.hint}`] : [];
      const said = problem ? `${problem.message} ${problem.hint}` : "";
      if (wrong.textContent !== said) wrong.replaceChildren(...words);
      area.setAttribute("aria-invalid", Boolean(problem));
    },
  };
}
