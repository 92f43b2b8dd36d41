/* What the Prompt stage works on: a table, its template as it is typed, what the server has kept of it, and what the
   record at hand becomes with it. The views draw from here and are told of every change. */

import { getJson, send } from "../api.js";
import { debounce } from "../dom.js";
import { readPlace, refreshPlace, writePlace } from "../place.js";
import { isSame, settle } from "./template.js";
import { keepOwn, keepTyped, readOwn, readTyped } from "./typed.js";

const LOOK = 120; // ms of quiet before a keystroke is previewed
const KEEP = 400; // ms of quiet before it is saved

/** `known` is the server's answer; `template` what is in effect, {style} or an own one; `editor` its text; `problem`
 * what the preview has against it, `wrong` what else went wrong; `unsaved` that the draft does not have it. */
export const work = { ...nothing(), table: "" };

function nothing() {
  return {
    known: null,
    template: null,
    editor: null,
    columns: {},
    row: 0,
    preview: null,
    problem: null,
    wrong: null,
    unsaved: false,
  };
}

const followers = new Map();
let [opening, looking, saving, pending, refreshing] = [0, null, null, false, false];

/** Calls `listener()` at every "known" (there is something else to choose from), "template" (its text changed, by
 * whomever), "preview" (another example or problem), "kept" (it was saved, or not) and "wrong". */
export function onWork(event, listener) {
  followers.set(event, [...(followers.get(event) ?? []), listener]);
}

const tell = (event) => followers.get(event)?.forEach((listener) => listener());
const say = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
const path = (part = "") => `tables/${work.table}/prompt${part}`;

/** Comes to a table, or comes back to it: what is being typed stays. */
export async function openTable(table) {
  if (table !== work.table) Object.assign(work, nothing(), { table });
  if (!table || refreshing) return;
  work.row = readPlace().row ?? work.row;
  if (pending) {
    look();
    return;
  }
  const call = ++opening;
  try {
    const answer = await getJson(path());
    if (call !== opening || pending) return;
    work.wrong = null;
    take(answer, readTyped(table));
    say("studio:prompt-saved", { table });
  } catch (problem) {
    if (call === opening) fail(problem);
  }
}

/** Takes what the server says, or what was typed before and is not saved. */
function take(answer, typed) {
  const before = work.editor;
  work.known = answer;
  work.template = typed ? typed.template : chosenOf(answer);
  work.editor = typed ? typed.template : answer.template;
  work.columns = typed ? (typed.columns ?? {}) : answer.columns;
  work.unsaved = Boolean(typed);
  if (answer.chosen === "own") keepOwn(work.table, { template: answer.template, columns: answer.columns });
  tell("known");
  if (!before || !isSame(before, work.editor)) tell("template");
  tell("kept");
  if (typed) save();
  look();
}

const chosenOf = ({ chosen, template }) => (chosen === "own" ? template : { style: chosen });

/** What a person typed or changed in the editor; it is previewed and saved once things are quiet. */
export function typeTemplate(editor, { columns = work.columns } = {}) {
  Object.assign(work, { editor, template: editor, columns, unsaved: true });
  keepTyped(work.table, { template: editor, columns });
  pending = true;
  tell("template");
  tell("kept");
  lookSoon();
  saveSoon();
}

/** Takes a style, a proposal or another template at once. Without `columns` the server says whether the map stays. */
export async function choose(template, columns) {
  const { table } = work;
  pending = false;
  opening += 1;
  work.template = template;
  try {
    const answer = await queue(() => send("PUT", path(), { template: settleAny(template), columns }));
    if (table !== work.table || pending) return;
    keepTyped(table, null);
    const moved = answer.chosen !== work.known?.chosen;
    work.wrong = null;
    take({ ...work.known, ...answer }, null);
    saved(moved);
  } catch (problem) {
    if (table === work.table) fail(problem);
  }
}

/** A column for a placeholder; "" takes the choice back. */
export function mapColumn(placeholder, column) {
  const columns = { ...work.columns, [placeholder]: column };
  if (work.unsaved) typeTemplate(work.editor, { columns });
  else choose(work.template, columns);
}

/** The own template that was last in effect, unless it is in effect now. */
export const lastOwn = () => (work.known?.chosen === "own" || work.unsaved ? null : readOwn(work.table));

/** Goes back to what the draft holds. */
export function revert() {
  pending = false;
  keepTyped(work.table, null);
  take(work.known, null);
}

const saveSoon = debounce(() => save(), KEEP);

/** Saves what is typed now, if something is: the stage is being left. */
export const flush = () => pending && save();

async function save() {
  const { table, editor, columns } = work;
  pending = false;
  try {
    const answer = await queue(() => send("PUT", path(), { template: settle(editor), columns }));
    if (table !== work.table || editor !== work.editor || columns !== work.columns) return;
    keepTyped(table, null);
    keepOwn(table, { template: editor, columns });
    const moved = answer.chosen !== work.known.chosen;
    Object.assign(work, {
      known: { ...work.known, ...answer },
      columns: answer.columns,
      unsaved: false,
      wrong: null,
    });
    tell("known");
    tell("kept");
    saved(moved);
  } catch (problem) {
    if (table !== work.table || editor !== work.editor) return;
    if (problem.status === 400) tell("kept");
    else fail(problem);
  }
}

/** One change after the other, in the order in which they were made. */
function queue(change) {
  const turn = Promise.resolve(saving)
    .catch(() => {})
    .then(change);
  saving = turn;
  return turn;
}

function saved(moved) {
  say("studio:prompt-saved", { table: work.table });
  const elsewhere = readPlace().tab !== "prompt"; // then another stage has shown what was there before
  if (!moved && !elsewhere) return;
  refreshing = true; // this stage knows already
  refreshPlace(); // the rail says which style it is
  refreshing = false;
}

function fail(problem) {
  work.wrong = problem;
  tell("wrong");
}

const settleAny = (template) => ("style" in template ? template : settle(template));

/** What the record at the row becomes with a template; a later call of the same `asker` ends an earlier one. */
export function ask({ template, columns, row }, signal) {
  return send("POST", path("/preview"), { template: settleAny(template), columns, row }, { signal });
}

const lookSoon = debounce(() => look(), LOOK);

/** Previews what is in effect at the row. */
export async function look() {
  if (!work.template) return;
  looking?.abort();
  const call = (looking = new AbortController());
  const { table, template, columns, row } = work;
  try {
    const answer = await ask(work, call.signal);
    if (call !== looking || table !== work.table) return;
    work.row = answer.row;
    work.problem = answer.problem;
    work.preview = answer.problem && work.preview ? { ...work.preview, ...placeOf(answer) } : answer;
    tell("preview");
    if (!answer.problem)
      say("studio:prompt", { table, template: settleAny(template), columns, row: answer.row });
  } catch (problem) {
    if (call === looking && !call.signal.aborted) fail(problem);
  }
}

/** Of an answer without an example, where it stands; the last example stays, faded. */
const placeOf = ({ row, line, total, changes, excluded, placeholders }) => ({
  row,
  line,
  total,
  changes,
  excluded,
  placeholders,
});

/** Goes to a row: in the address too, so that a link leads there. */
export function goToRow(row) {
  const last = (work.preview?.total ?? 1) - 1;
  work.row = Math.min(Math.max(0, Math.trunc(row) || 0), Math.max(0, last));
  writePlace({ row: work.row });
  look();
}
