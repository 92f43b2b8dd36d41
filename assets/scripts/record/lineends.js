/* A text box knows one line end alone. What was not touched keeps the one that it had. */

const ENDS = /\r\n|\r/g;

/** The text as a box holds it. */
export const boxed = (text) => text.replace(ENDS, "\n");

/** What was typed over `original`, with the line ends of the original wherever nothing changed around them, and the
 * first one of the original in what is new. */
export function unbox(original, typed) {
  const before = boxed(original);
  if (before === original) return typed;
  const most = Math.min(before.length, typed.length);
  let [head, tail] = [0, 0];
  while (head < most && before[head] === typed[head]) head += 1;
  while (tail < most - head && before[before.length - 1 - tail] === typed[typed.length - 1 - tail]) tail += 1;
  const middle = typed.slice(head, typed.length - tail);
  const end = original.match(/\r\n|\r|\n/)[0];
  return (
    original.slice(0, placeOf(original, head)) +
    middle.replace(/\n/g, end) +
    original.slice(placeOf(original, before.length - tail))
  );
}

/** The place in the original of a place in the boxed text. */
function placeOf(original, wanted) {
  let [at, boxedAt] = [0, 0];
  while (boxedAt < wanted) {
    at += original[at] === "\r" && original[at + 1] === "\n" ? 2 : 1;
    boxedAt += 1;
  }
  return at;
}
