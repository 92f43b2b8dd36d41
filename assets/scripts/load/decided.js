/* What was decided about a source, so that it can be seen and, where a format leaves a choice, be changed. */

import { el } from "../dom.js";
import { load } from "./loading.js";
import { drawOptions, nameSign, readAllOptions } from "./options.js";

// What can be changed about a file of each format; a Hub dataset says itself how it is read.
const CHANGED = { csv: ["delimiter", "quote", "encoding", "types"], text: ["records", "encoding"] };
const RECORDS = { line: "a line each", block: "a block of lines each" };

// What stands in the table's source, what it is called, and how its value reads.
const FACTS = [
  ["config", "Config"],
  ["split", "Split", (name) => (name === "all" ? "all splits" : name)],
  ["revision", "Revision", (hash) => hash.slice(0, 12)],
  ["member", "File in the archive"],
  ["sheet", "Sheet"],
  ["field", "Records under"],
  ["encoding", "Encoding"],
  ["delimiter", "Delimiter", nameSign],
  ["quote", "Quote", nameSign],
  ["records", "Records", (kind) => RECORDS[kind] ?? kind],
];

/** The decisions as a list of words and values; null where there was nothing to decide. */
export function drawDecided(table) {
  const facts = FACTS.filter(([name]) => table.source[name]).map(([name, label, write = String]) =>
    drawFact(label, write(table.source[name]), table.source[name]),
  );
  const types = Object.entries(table.source.types ?? {}).map(([column, type]) => `${column} as ${type}`);
  if (types.length) facts.push(drawFact("Column types", types.join(", ")));
  const fields = table.source.revision ? undefined : CHANGED[table.format];
  if (!facts.length && !fields) return null;
  const box = el("div", { class: "decided" }, el("dl", {}, ...facts));
  if (fields) box.append(...drawChange(table, fields));
  return box;
}

const drawFact = (label, value, title = "") =>
  el("div", {}, el("dt", { text: label }), el("dd", {}, el("code", { text: value, title })));

/** A button that opens the form, and the form: another delimiter makes another table. */
function drawChange(table, fields) {
  const form = el("form", { class: "change", hidden: true, "aria-label": "Read the file in another way" });
  const open = el("button", {
    class: "button small end",
    type: "button",
    text: "Change",
    "aria-label": "Change how the file is read",
    "aria-expanded": false,
  });
  const show = (wanted) => {
    form.hidden = !wanted;
    open.setAttribute("aria-expanded", wanted);
    (wanted ? form.querySelector("input, select") : open).focus();
  };
  const cancel = el("button", { class: "button small", type: "button", text: "Cancel" });
  form.append(
    el("div", { class: "entries" }, ...drawOptions(fields, table.source)),
    el(
      "div",
      { class: "actions" },
      el("button", { class: "button small primary", type: "submit", text: "Read it so" }),
      cancel,
    ),
  );
  open.addEventListener("click", () => show(form.hidden));
  cancel.addEventListener("click", () => show(false));
  form.addEventListener("keydown", (event) => event.key === "Escape" && show(false));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    load({ again: table.id, options: readAllOptions(form) }, table.name);
  });
  return [open, form];
}
