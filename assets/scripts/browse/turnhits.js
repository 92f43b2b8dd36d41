/* Where the hits of a search stand in the turns of a conversation: the search looks at its JSON spelling, a bubble shows
   the text of one string in it. */

import { decodeString, readTokens } from "../record/json.js";

const SAID = new Set(["content", "value"]);

/** For each turn [{text}], in order, the spans of its text that the hits [[from, to]] of the spelling cover. */
export function findTurnHits(spelling, hits, turns) {
  if (!hits?.length) return [];
  const said = readSaid(spelling);
  let next = 0;
  return turns.map(({ text }) => {
    const found = said.findIndex((one, i) => i >= next && isSame(one, text));
    if (found < 0) return [];
    next = found + 1;
    return hits.map((hit) => carry(hit, said[found], text)).filter(([from, to]) => from < to);
  });
}

/** Either of the two may be cut. */
const isSame = (one, text) =>
  one.text === text || (text && one.text.startsWith(text)) || (one.open && text.startsWith(one.text));

/** The strings that are a turn's text: {text, starts, open}, where starts are places in the spelling. */
function readSaid(spelling) {
  const tokens = readTokens(spelling);
  const isSaid = ({ kind }, i) =>
    kind === "string" &&
    tokens[i - 1]?.kind === ":" &&
    SAID.has(decodeString(tokens[i - 2]?.text ?? "").text);
  return tokens.filter(isSaid).map((token) => {
    const string = decodeString(token.text);
    return { ...string, starts: string.starts.map((start) => start + token.from) };
  });
}

function carry([from, to], { starts }, text) {
  const first = starts.findIndex((_, i) => starts[i + 1] > from);
  const last = starts.findIndex((start) => start >= to);
  const within = (place) => (place < 0 ? text.length : Math.min(place, text.length));
  return [within(first), within(last)];
}
