/* One record beside the table: where it stands in the source, every field's exact text, its length, and a button that
   copies it; and its raw line. */

import { getJson } from "./api.js";
import { drawNothing, highlighted, nothingIn } from "./cells.js";
import { copyButton, el } from "./dom.js";
import { drawProblem } from "./notice.js";
import { rawFold } from "./raw.js";
import { count, counted, nameOf } from "./words.js";

/** Draws record `row` of a table into `panel`; a later call wins over an earlier one. */
export function recordPanel(panel) {
  const title = panel.querySelector("h2");
  const body = panel.querySelector("[data-fields]");
  let asked = 0;

  async function show(table, row, search) {
    const call = ++asked;
    title.textContent = `Record ${count(row)}`;
    try {
      const record = await getJson(`tables/${table}/records/${row}`);
      if (call !== asked) return;
      title.replaceChildren(
        `Record ${count(row)}`,
        el("span", {
          class: "quiet",
          text: `line ${count(record.line)} of ${record.file}`,
          title: record.file,
        }),
      );
      const fields = record.cells.flatMap((cell) => drawField(cell, search));
      body.replaceChildren(...fields, rawFold(table, row));
      body.scrollTop = 0;
    } catch (problem) {
      if (call === asked) body.replaceChildren(drawProblem(problem));
    }
  }

  return { show, forget: () => (asked += 1) };
}

function drawField(cell, search) {
  const nothing = nothingIn(cell);
  const head = el("div", { class: "field-head" }, el("h3", { text: nameOf(cell) }));
  if (!nothing) {
    head.append(el("span", { class: "quiet", text: counted(cell.characters, "character") }));
    head.append(copyButton(`Copy ${nameOf(cell)}`, () => cell.text));
  }
  const value = nothing
    ? el("div", { class: "field" }, drawNothing(nothing))
    : highlighted("div", cell.kind === "text" ? "field" : "field json", cell.text, search);
  const cut = cell.truncated
    ? el("p", {
        class: "quiet",
        text: `The first ${count([...cell.text].length)} of ${counted(cell.characters, "character")} are shown; exports hold all.`,
      })
    : null;
  return cut ? [head, value, cut] : [head, value];
}
