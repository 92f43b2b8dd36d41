/* One field of the open record: its name, its value, what can be done with it, and what it was before an edit. */

import { getExactText } from "../api.js";
import { nothingIn } from "../browse/cells.js";
import { revert } from "./changes.js";
import { copyText, el, icon } from "../dom.js";
import { dropDraft, draftOf } from "./drafts.js";
import { editValue } from "./editing.js";
import { drawNotice, drawProblem } from "../notice.js";
import { drawValue, makeReachable } from "./value.js";
import { counted, nameOf } from "../words.js";

const PENCIL = "m10.8 3.2 2 2L5.6 12.4l-2.6.6.6-2.6zM9.4 4.6l2 2";
const SHEETS = "M6 5.5h7.5V13H6zM10 5.5V3H2.5v7.5H6";
const TICK = "m3 8.5 3.2 3.2L13 5";
const MOST_LINES = 5_000; // a text box of more keeps a browser busy for minutes
const MOST_CHARACTERS = 300_000;

/** A field of `record` {table, row}: {element, draw(cell), count(tokens)}. `say` announces a word, `reload` fetches the
 * record anew. A field that is being edited is left alone by `draw`. */
export function fieldOf(record, { say, reload }) {
  const element = el("section", { class: "field-box" });
  let [cell, drawn, editing, tokens] = [null, "", false, undefined];

  function draw(now) {
    cell = now;
    if (editing) return;
    tokens = undefined;
    if (JSON.stringify(cell) !== drawn) show(); // or what is open or marked in it would be lost
    if (draftOf(record.table, record.row, cell.name) !== undefined) startEdit();
  }

  /** Says beside the characters how many tokens they are; undefined where that is not known. */
  function count(known) {
    tokens = known;
    const size = element.querySelector("[data-size]");
    if (size) size.textContent = sayChars(cell) + (tokens == null ? "" : ` · ${counted(tokens, "token")}`);
  }

  function show() {
    drawn = JSON.stringify(cell);
    const focused = element.contains(document.activeElement) ? document.activeElement.dataset.part : null;
    const open = element.querySelector(".was")?.open ?? false;
    const value = drawValue(cell);
    element.replaceChildren(drawHead(cell, { edit: startEdit, copy }), ...value, ...drawBefore(open));
    count(tokens);
    if (focused) (element.querySelector(`[data-part=${focused}]`) ?? button("edit"))?.focus();
    requestAnimationFrame(() => makeReachable(value, nameOf(cell)));
  }

  function drawBefore(open) {
    return cell.edited && cell.original ? [drawWas(cell, open, takeBack)] : [];
  }

  async function takeBack() {
    if (!(await revert(record.table, record.row, cell.name))) return;
    await reload();
    button("edit")?.focus();
  }

  async function copy() {
    try {
      const copied = await copyText(await readWhole(record, cell));
      say(copied ? `${nameOf(cell)} copied` : "Not copied");
      if (copied) tick(button("copy"));
    } catch (problem) {
      tell(drawProblem(problem));
    }
  }

  async function startEdit(event) {
    if (editing) return;
    editing = true;
    try {
      const whole = await readWhole(record, cell);
      if (isTooLong(whole)) return refuseEdit();
      const editor = editValue(record, cell, whole, stopEdit);
      element.replaceChildren(drawHead(cell), editor.element);
      if (event) editor.focus();
    } catch (problem) {
      editing = false;
      tell(drawProblem(problem));
    }
  }

  function refuseEdit() {
    editing = false;
    const message = `This value is too long to edit here: ${counted(cell.characters, "character")}.`;
    const hint = "Change it in the source and load that again, or exclude the record.";
    tell(drawNotice({ kind: "error", message, hint }));
  }

  /** Puts a notice under the head of the field, in the place of the last one. */
  function tell(notice) {
    element.querySelector(":scope > .notice")?.remove();
    element.firstElementChild.after(notice);
    notice.scrollIntoView({ block: "nearest" });
  }

  async function stopEdit({ saved }) {
    dropDraft(record.table, record.row, cell.name);
    editing = false;
    if (saved) await reload();
    if (element.querySelector(".editor")) show();
    if (!isElsewhere()) button("edit")?.focus();
  }

  /** Whether a person has gone on to another part of the page; a button that is gone leaves the focus with the body. */
  const isElsewhere = () =>
    document.activeElement !== document.body && !element.contains(document.activeElement);
  const button = (part) => element.querySelector(`[data-part=${part}]`);
  return { element, draw, count };
}

const sayChars = (cell) => (nothingIn(cell) ? "" : counted(cell.characters, "character"));

const isTooLong = (text) =>
  text.length > MOST_CHARACTERS || text.split("\n", MOST_LINES + 1).length > MOST_LINES;

function tick(button) {
  const path = button.querySelector("path");
  path.setAttribute("d", TICK);
  setTimeout(() => path.setAttribute("d", SHEETS), 1600);
}

/** The whole value of a cell, to its last character: the text, or the JSON spelling of another value. */
export async function readWhole({ table, row }, cell) {
  if (!cell.truncated && !cell.start) return cell.text;
  return getExactText(`tables/${table}/records/${row}/cells/${cell.index}`);
}

function drawHead(cell, ways) {
  const head = el("div", { class: "field-head" }, el("h3", { dir: "auto", text: nameOf(cell) }));
  if (cell.edited) head.append(el("span", { class: "badge", text: "edited" }));
  head.append(el("span", { class: "quiet", text: sayChars(cell), data: { size: "" } }));
  if (!ways) return head;
  const edit = icon(PENCIL, `Edit ${nameOf(cell)}`, ways.edit);
  edit.dataset.part = "edit";
  head.append(edit);
  if (nothingIn(cell)) return head;
  const copy = icon(SHEETS, `Copy ${nameOf(cell)}`, ways.copy);
  copy.dataset.part = "copy";
  head.append(copy);
  return head;
}

function drawWas(cell, open, takeBack) {
  const back = el("button", {
    class: "button small",
    type: "button",
    text: "Revert",
    "aria-label": `Revert ${nameOf(cell)}`,
    data: { part: "revert" },
    on: { click: takeBack },
  });
  const fold = el("details", { class: "was" }, el("summary", { text: "What it was" }));
  const value = drawValue(cell.original);
  fold.addEventListener("toggle", () => makeReachable(value, `${nameOf(cell)} before the edit`));
  fold.open = open;
  fold.append(...value);
  return el("div", { class: "before" }, fold, back);
}
