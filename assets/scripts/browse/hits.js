/* Text with the places that a search found marked. The spans come from the server, whose engine did the searching. */

import { el } from "../dom.js";

/** Cuts `text`, which begins at unit `from` of what was searched, at the hits: [{text, hit}]. The hits are [from, to] in
 * UTF-16 units, in order and apart. */
export function cutAtHits(text, hits, from = 0) {
  const pieces = [];
  let end = 0;
  for (const [first, last] of hits) {
    const [a, b] = [Math.max(first - from, end), Math.min(last - from, text.length)];
    if (a >= b) continue;
    if (a > end) pieces.push({ text: text.slice(end, a), hit: false });
    pieces.push({ text: text.slice(a, b), hit: true });
    end = b;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), hit: false });
  return pieces;
}

/** An element with the text in it, its hits marked. */
export function drawHits(tag, attributes, text, hits = []) {
  const pieces = cutAtHits(text, hits ?? []);
  return el(tag, attributes, ...pieces.map((piece) => (piece.hit ? drawHit(piece.text) : piece.text)));
}

export const drawHit = (text) => el("mark", { text });
