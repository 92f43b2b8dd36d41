/* The template as it is written: its kind, a field for each text, the column map, and the person's own templates. */

import { columnMap } from "./columns.js";
import { drawConversation } from "./conversation.js";
import { codeField } from "./field.js";
import { scan, toUnits } from "./grammar.js";
import { library } from "./library.js";
import { segments } from "./segments.js";
import { convert, keyOf, kindOf, KINDS, textsOf, withText } from "./template.js";
import { drawTurns } from "./turns.js";
import { onWork, revert, typeTemplate, work } from "./work.js";
import { el } from "../dom.js";
import { drawNotice } from "../notice.js";

// Gradio reads braces in its own templates: they cannot stand in the page's markup.
const GRAMMAR =
  "{column} is replaced. {#column}…{/column} shows only when it is not empty, " +
  "{^column}…{/column} only when it is. {{ and }} are braces.";
const LABELS = { text: "Text template", prompt: "Prompt template", completion: "Completion template" };

export function promptEditor({ element }) {
  const find = (selector) => element.querySelector(selector);
  const box = find("[data-parts]");
  const kept = new Map(); // table and kind → what was last written as it
  let [fields, shape, own] = [[], "", null]; // `own` is the template that the fields show

  const kinds = segments(find("[data-types]"), KINDS, changeKind);

  function changeKind(kind) {
    const key = (one) => `${work.table} ${one}`;
    kept.set(key(kindOf(work.editor)), work.editor);
    if (kept.has(key(kind))) typeTemplate(kept.get(key(kind)));
    else propose(kind);
  }

  /** The same text as another kind; a conversation as the shape of the records has it, where there is one. */
  function propose(kind) {
    const { shapes, names } = work.known;
    const found = shapes.find(({ template }) => kindOf(template) === "conversation");
    const column = names.find(({ type }) => type === "json") ?? names[0];
    if (kind === "conversation" && found) typeTemplate(found.template, { columns: found.columns });
    else typeTemplate(convert(work.editor, kind, column?.name ?? ""));
  }

  function draw() {
    if (!work.editor) return;
    kinds.choose(kindOf(work.editor));
    if (work.editor !== own) {
      own = work.editor;
      if (shapeOf(own) === shape) showTexts();
      else build();
    }
    mark();
  }

  /** What the fields depend on; while it is the same the texts alone change. */
  function shapeOf(template) {
    const { messages = [], system, ...rest } = template;
    const turns = kindOf(template) === "messages" ? messages.map(({ role }) => role) : null;
    return JSON.stringify([
      work.table,
      kindOf(template),
      turns,
      turns || "text" in rest || "prompt" in rest ? 0 : rest,
    ]);
  }

  function showTexts() {
    textsOf(work.editor).forEach(({ text }, i) => fields[i].show(text));
  }

  function build(focus = "") {
    shape = shapeOf(own);
    const made = makeFields(kindOf(own));
    fields = made.fields;
    box.replaceChildren(...made.elements);
    focusOn(focus);
  }

  function focusOn(tool) {
    const [row, name] = tool.split(":");
    if (name === "text") fields[Number(row)]?.area.focus();
    else if (tool)
      (
        box.querySelector(`[data-tool="${tool}"]:not(:disabled)`) ??
        box.querySelector(`[data-tool^="${row}:"]:not(:disabled)`)
      )?.focus();
  }

  function makeFields(kind) {
    if (kind === "messages") {
      const typed = (i, text) => type(`messages.${i}`, text);
      const change = (messages, focus) => rebuild({ ...own, messages }, focus);
      return drawTurns(() => own.messages, { names, typed, change });
    }
    if (kind === "conversation") {
      const typed = (changes) => put({ ...own, ...changes });
      const change = (changes, focus) => rebuild({ ...own, ...changes }, focus);
      return drawConversation(() => own, { columns: columnNames(), names, typed, change });
    }
    const made = textsOf(own).map(({ key, text }) => {
      const field = codeField({ label: LABELS[key], names, typed: (next) => type(key, next) });
      field.show(text);
      return field;
    });
    return { fields: made, elements: made.map((field) => field.element) };
  }

  /** A text was typed: the fields show it already. */
  const type = (key, text) => put(withText(own, key, text));

  function put(template) {
    own = template;
    shape = shapeOf(own);
    typeTemplate(own);
  }

  function rebuild(template, focus) {
    own = template;
    build(focus);
    typeTemplate(own);
  }

  function mark() {
    const problem = work.problem;
    const wrong = (text) => isWrongAt(text, problem.position);
    const key = problem ? keyOf(work.editor, problem, wrong) : null;
    textsOf(work.editor).forEach((text, i) => {
      const known = (name) => columnNames().includes(work.columns[name] || name);
      fields[i]?.mark({ known, problem: text.key === key ? problem : null });
    });
  }

  const isWrongAt = (text, position) => {
    const at = toUnits(text, position);
    const span = scan(text).find(({ start, end }) => start <= at && at < end);
    return (
      span?.kind === "error" || (span?.name && !columnNames().includes(work.columns[span.name] || span.name))
    );
  };

  const columnNames = () => (work.known?.names ?? []).map(({ name }) => name);
  /** What may be written: the columns, and the names that the column map fills. */
  const names = () => [...new Set([...columnNames(), ...Object.keys(work.columns)])];

  function sayState() {
    const bad = work.unsaved && work.problem?.position != null;
    const state = find("[data-state]");
    const words = bad
      ? "not saved"
      : work.unsaved
        ? ""
        : work.known?.chosen === "own"
          ? "your own"
          : "of the style";
    if (state.textContent !== words) state.textContent = words;
    const notice = find("[data-unsaved]");
    if (!bad) notice.replaceChildren();
    else if (!notice.firstChild) notice.append(drawUnsaved());
  }

  onWork("template", () => {
    draw();
    sayState();
  });
  onWork("known", draw);
  for (const event of ["kept", "preview"]) onWork(event, sayState);
  onWork("preview", () => work.editor && mark());
  find("[data-hint]").textContent = GRAMMAR;
  columnMap(element);
  library(find("[data-library]"));
}

function drawUnsaved() {
  const back = el("button", { class: "button small", type: "button", text: "Revert", on: { click: revert } });
  const message = "This text is not saved: it does not parse.";
  const hint =
    "It is kept in this browser until it does. Everything else goes on with the last template that did.";
  return drawNotice({ kind: "info", message, hint }, back);
}
