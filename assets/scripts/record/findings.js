/* What is worth a look in one record. Heuristics: each can be right as it is; nothing is changed. */

import { listUnseen } from "../load/marks.js";
import { nameOf } from "../words.js";

const MOST_UNSEEN = 5;
const SHOWN = 40; // characters of a white space that are named
/** UTF-8 that was read as Windows-1252: what é, ’ and “ become. */
const MISREAD = /[ÃÂ][\u0080-\u00bf]|â€[\u0098-\u009f\u2122œ™˜“”]/u;

/** The findings about the cells of a record: [{column, words}]. `remarks` are those of the template, {column, kind}: the
 * columns that it uses and that have nothing here. */
export function findInRecord(cells, remarks = []) {
  const found = remarks.map(({ column, kind }) => ({
    column,
    words: `is ${kind}, and the template uses it`,
  }));
  for (const cell of cells)
    if (cell.kind === "text")
      found.push(...findInText(cell).map((words) => ({ column: nameOf(cell), words })));
  return found;
}

function findInText({ text, truncated, start = 0 }) {
  if (text && !text.trim()) return ["holds white space alone"];
  const found = [];
  if (!start && /^\s/u.test(text)) found.push(`begins with ${nameSpace(text.match(/^\s+/u)[0])}`);
  if (!truncated && /\s$/u.test(text)) found.push(`ends with ${nameSpace(trailing(text))}`);
  if (text.includes("\r\n")) found.push("has line ends of Windows (CR LF)");
  const unseen = listUnseen(text.replace(/\r\n/g, "\n\n"), MOST_UNSEEN); // as long, so that places hold
  if (unseen.length) found.push(`has what cannot be seen: ${unseen.join(", ")}`);
  if (MISREAD.test(text)) found.push("looks like text that was read in the wrong encoding");
  return found;
}

const trailing = (text) => text.slice(text.trimEnd().length);

function nameSpace(space) {
  const name = { " ": "a space", "\n": "a line end", "\t": "a tab" };
  if (space.length === 1) return name[space] ?? "white space";
  const one = new Set(space.slice(0, SHOWN)).size === 1 && space.length <= SHOWN;
  const many = { " ": "spaces", "\n": "line ends", "\t": "tabs" };
  return one && many[space[0]]
    ? `${space.length} ${many[space[0]]}`
    : `${space.length} characters of white space`;
}
