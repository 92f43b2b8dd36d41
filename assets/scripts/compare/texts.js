/* A text of a pair with what differs and what a search found marked in it, every character as it is. */

import { el } from "../dom.js";
import { visible } from "../prompt/text.js";
import { cutText, diffWords, invertSpans } from "./diff.js";

export const SHOWS = [
  ["differs", "Mark what differs"],
  ["shared", "Mark what is shared"],
  ["nothing", "Mark nothing"],
];

/** What to mark in an expected text and in answers to it: {expected, answers}, lists of places. The expected text has what the
 * last answer lacks, or shares. */
export function markTexts(shows, expected, answers) {
  if (shows === "nothing") return { expected: [], answers: answers.map(() => []) };
  const found = answers.map((answer) => diffWords(expected, answer));
  const last = found.at(-1)?.missing ?? [];
  if (shows === "differs") return { expected: last, answers: found.map(({ extra }) => extra) };
  return {
    expected: invertSpans(last, expected.length),
    answers: found.map(({ extra }, i) => invertSpans(extra, answers[i].length)),
  };
}

/** The nodes of a text; `kind` is the class of what is marked. */
export const drawMarked = (text, marked, hits, kind) =>
  cutText(text, marked, hits).map((piece) => {
    const nodes = visible(piece.text);
    const inner = piece.hit ? [el("mark", {}, ...nodes)] : nodes;
    return piece.marked ? el("span", { class: kind }, ...inner) : el("span", {}, ...inner);
  });
