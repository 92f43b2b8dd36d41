/* The box in which one value of a record is put right. What the server refuses stays in it, with the server's words. */

import { edit } from "./changes.js";
import { el } from "../dom.js";
import { draftOf, dropDraft, keepDraft } from "./drafts.js";
import { boxed, unbox } from "./lineends.js";
import { listUnseen } from "../load/marks.js";
import { drawProblem } from "../notice.js";
import { nameOf } from "../words.js";

const MOST_ROWS = 14;
const LINE = 44; // characters of a line, about
const KEYS = "Ctrl+Enter saves, Esc cancels.";
const FORMS = {
  text: "",
  integer: "A whole number. ",
  float: "A number as JSON spells it. ",
  boolean: "true or false. ",
  json: "JSON: text stands in quotes. ",
};

let boxes = 0;

/** An editor of `cell`, whose whole value is `whole`; calls `done({saved})` at the end. Returns {element, focus}. */
export function editValue({ table, row }, cell, whole, done) {
  const isText = cell.type === "text";
  const before = boxed(whole);
  const parts = drawEditor(cell, isText);
  const { element, box, unseen, problem, save, cancel, none } = parts;
  box.value = draftOf(table, row, cell.name) ?? before;
  box.rows = isText || cell.type === "json" ? Math.min(MOST_ROWS, 1 + countLines(box.value)) : 1;
  tellUnseen();

  function tellUnseen() {
    const found = isText ? listUnseen(box.value) : [];
    unseen.textContent = found.length ? `Cannot be seen here: ${found.join(", ")}.` : "";
  }

  function note() {
    if (box.value === before) dropDraft(table, row, cell.name);
    else keepDraft(table, row, cell.name, box.value);
    tellUnseen();
  }

  async function keep(value) {
    if (save.disabled) return;
    setBusy(true);
    try {
      await edit(table, row, cell.name, value);
      done({ saved: true });
    } catch (error) {
      refuse(error);
    }
  }

  function refuse(error) {
    setBusy(false);
    problem.replaceChildren(drawProblem(error));
    box.setAttribute("aria-invalid", "true");
    box.focus();
  }

  function setBusy(busy) {
    for (const button of [save, none]) button.disabled = busy;
  }

  function keepTyped() {
    const value = isText ? unbox(whole, box.value) : box.value;
    const present = cell.kind !== "null" && cell.kind !== "missing";
    if (present && value === whole) done({ saved: false });
    else keep(value);
  }

  const leave = () => done({ saved: false });
  box.addEventListener("input", note);
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) keepTyped();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  save.addEventListener("click", keepTyped);
  cancel.addEventListener("click", leave);
  none.addEventListener("click", () => keep(null));
  return { element, focus: () => box.focus() };
}

function drawEditor(cell, isText) {
  const id = `edit-${++boxes}`;
  const act = (text, more = "") => el("button", { class: `button small ${more}`, type: "button", text });
  const [save, cancel, none] = [act("Save", "primary"), act("Cancel"), act("Set to null")];
  none.hidden = cell.kind === "null";
  const box = el("textarea", {
    class: isText ? "field-editor" : "field-editor json",
    dir: isText ? "auto" : "ltr",
    spellcheck: "false",
    autocapitalize: "off",
    "aria-label": `New value of ${nameOf(cell)}`,
    "aria-describedby": `${id}-hint ${id}-unseen ${id}-problem`,
  });
  const words = `${FORMS[cell.type] ?? FORMS.json}${KEYS}`;
  const hint = el("p", { id: `${id}-hint`, class: "quiet", text: words });
  const unseen = el("p", { id: `${id}-unseen`, class: "quiet" });
  const problem = el("div", { id: `${id}-problem` });
  const row = el("div", { class: "editor-ways" }, save, cancel, el("span", { class: "spring" }), none);
  const element = el("div", { class: "editor" }, box, problem, row, hint, unseen);
  return { element, box, unseen, problem, save, cancel, none };
}

const countLines = (text) =>
  text.split("\n", MOST_ROWS).reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / LINE)), 0);
