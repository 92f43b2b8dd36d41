/* What a person took out or put right in a table: how much it is, what can be undone, and the ways to change it. The
   server keeps all of it; this knows the last answer, and tells who wants to know. */

import { getJson, post } from "../api.js";
import { drawProblem } from "../notice.js";
import { counted } from "../words.js";

const NONE = { excluded: 0, edited: 0, left: 0, undo: null, redo: null };

const followers = new Set();
let known = { table: "", ...NONE };
let queue = Promise.resolve(); // changes are made one after the other, in the order of the keys

/** Calls `listener({table, excluded, edited, left, undo, redo})` whenever one of these is known anew; `changed` is true,
 * and `said` words for a person, when something was changed. Returns what ends that. */
export function watchChanges(listener) {
  followers.add(listener);
  return () => followers.delete(listener);
}

/** What is known of a table's changes now; nothing of another table. */
export const changesOf = (table) => (known.table === table ? known : { table, ...NONE });

/** Asks the server for a table's changes. */
export async function loadChanges(table) {
  if (known.table !== table) take(table, NONE); // the last one is of no more use
  try {
    const answer = await getJson(`tables/${table}/changes`, { limit: 1 });
    if (known.table === table) take(table, answer);
  } catch (problem) {
    showProblem(problem);
  }
}

/** Takes records out: {rows} or {query}. Resolves to the server's answer, or to null once its problem is shown. */
export const exclude = (table, what) =>
  attempt(() => change(table, { exclude: what }, (answer) => `${records(answer)} excluded`));

/** Puts excluded records back: {rows} or {all: true}. */
export const restore = (table, what) =>
  attempt(() => change(table, { restore: what }, (answer) => `${records(answer)} restored`));

/** Puts a value in the place of another; a text, or null. Its problem is for the one who asked, beside the field. */
export const edit = (table, row, column, value) =>
  change(table, { edit: { row, column, value } }, () => `${column} edited`);

/** Puts the value of the source back. */
export const revert = (table, row, column) =>
  attempt(() => change(table, { revert: { row, column } }, () => `${column} reverted`));

export const undo = (table) => travel(table, "undo", "Undone");
export const redo = (table) => travel(table, "redo", "Redone");

/** "12 excluded, 3 edited", or "" where nothing is. */
export function sayChanges({ excluded, edited }) {
  const words = [];
  if (excluded) words.push(`${counted(excluded, "excluded", "excluded")}`);
  if (edited) words.push(`${counted(edited, "edited", "edited")}`);
  return words.join(", ");
}

function travel(table, way, word) {
  return attempt(() => change(table, undefined, (_, before) => `${word}: ${before[way]}`, `/${way}`));
}

function change(table, body, say, path = "") {
  const mine = queue.then(async () => {
    const before = changesOf(table);
    const answer = await post(`tables/${table}/changes${path}`, body);
    clearProblem();
    take(table, answer, { changed: true, said: say(answer, before) });
    return answer;
  });
  queue = mine.catch(() => {});
  return mine;
}

async function attempt(work) {
  try {
    return await work();
  } catch (problem) {
    showProblem(problem);
    return null;
  }
}

function take(table, { excluded, edited, left, undo: undoing, redo: redoing }, more = {}) {
  known = { table, excluded, edited, left, undo: undoing, redo: redoing };
  for (const listener of followers) listener({ ...known, changed: false, said: "", ...more });
}

const records = ({ changed }) => counted(changed, "record");
const area = () =>
  document.querySelector("dialog[open] [data-problem]") ?? document.querySelector(".records [data-problem]");
const clearProblem = () => area()?.replaceChildren();

function showProblem(problem) {
  area()?.replaceChildren(drawProblem(problem));
  area()?.scrollIntoView({ block: "nearest" });
}
