/* Which words of an answer differ from those of the expected one: the longest common subsequence of their words (Wagner and
   Fischer 1974). Case and signs count, white space does not. Knows nothing of the page. */

// A word with its apostrophes, or one sign; of scripts without blanks each character is one.
const DENSE = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}`;
const WORD = new RegExp(
  String.raw`[${DENSE}]\p{M}*|(?:(?![${DENSE}])[\p{L}\p{N}\p{M}_'’])+|[^\s\p{L}\p{N}_]`,
  "gu",
);
const MOST_CELLS = 6_000_000; // of the table of two long texts; beyond it words are only counted

/** The words of a text: [{text, from, to}], places in UTF-16 units. */
export const splitWords = (text) =>
  [...text.matchAll(WORD)].map(({ 0: word, index }) => ({ text: word, from: index, to: index + word.length }));

/** What differs: `extra` are places [from, to] of the answer that the expected text does not have there, `missing` those of
 * the expected text that the answer lacks. Neighbours are joined, with the white space between them. */
export function diffWords(expected, answer) {
  const [wanted, given] = [splitWords(expected), splitWords(answer)];
  const [kept, found] = matchWords(wanted, given);
  return { extra: joinSpans(given, found), missing: joinSpans(wanted, kept) };
}

/** The places that are not in `spans`. */
export function invertSpans(spans, length) {
  const ends = [[0, 0], ...spans, [length, length]];
  return ends
    .slice(1)
    .map(([from], i) => [ends[i][1], from])
    .filter(([from, to]) => to > from);
}

/** Cuts a text at the edges of two kinds of places: [{text, marked, hit}]. */
export function cutText(text, marked, hits) {
  const edges = [...marked.flat(), ...hits.flat()].filter((edge) => edge < text.length);
  const cuts = [...new Set([0, ...edges, text.length])].sort((a, b) => a - b);
  const within = (spans, at) => spans.some(([from, to]) => from <= at && at < to);
  return cuts.slice(1).map((to, i) => ({
    text: text.slice(cuts[i], to),
    marked: within(marked, cuts[i]),
    hit: within(hits, cuts[i]),
  }));
}

/** For each word of both, whether the other has it too. */
function matchWords(wanted, given) {
  const [kept, found] = [new Uint8Array(wanted.length), new Uint8Array(given.length)];
  const most = Math.min(wanted.length, given.length);
  let [head, tail] = [0, 0];
  while (head < most && wanted[head].text === given[head].text) head += 1;
  while (tail < most - head && wanted.at(-1 - tail).text === given.at(-1 - tail).text) tail += 1;
  kept.fill(1, 0, head).fill(1, wanted.length - tail);
  found.fill(1, 0, head).fill(1, given.length - tail);
  const [one, other] = numberWords(wanted.slice(head, wanted.length - tail), given.slice(head, given.length - tail));
  const pairs = one.length * other.length > MOST_CELLS ? countShared(one, other) : findCommon(one, other);
  for (const [i, j] of pairs) kept[head + i] = found[head + j] = 1;
  return [kept, found];
}

function numberWords(...texts) {
  const numbers = new Map();
  const numberOf = ({ text }) => numbers.get(text) ?? (numbers.set(text, numbers.size), numbers.size - 1);
  return texts.map((words) => words.map(numberOf));
}

/** Pairs of places that a longest common subsequence matches. */
function findCommon(one, other) {
  const width = other.length + 1;
  const lengths = new Uint16Array((one.length + 1) * width);
  for (let i = one.length - 1; i >= 0; i -= 1)
    for (let j = other.length - 1; j >= 0; j -= 1) {
      const [at, below] = [i * width + j, (i + 1) * width + j];
      lengths[at] = one[i] === other[j] ? lengths[below + 1] + 1 : Math.max(lengths[below], lengths[at + 1]);
    }
  const pairs = [];
  for (let [i, j] = [0, 0]; i < one.length && j < other.length; ) {
    if (one[i] === other[j]) pairs.push([i++, j++]);
    else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) i += 1;
    else j += 1;
  }
  return pairs;
}

/** Pairs of places with the same word, wherever they stand. */
function countShared(one, other) {
  const places = new Map();
  for (const [i, word] of one.entries()) places.has(word) ? places.get(word).push(i) : places.set(word, [i]);
  return [...other.entries()].flatMap(([j, word]) => (places.get(word)?.length ? [[places.get(word).shift(), j]] : []));
}

/** The places of the words that are not matched; words side by side are one place. */
function joinSpans(words, matched) {
  const spans = [];
  for (const [i, { from, to }] of words.entries()) {
    if (matched[i]) continue;
    if (i && !matched[i - 1]) spans.at(-1)[1] = to;
    else spans.push([from, to]);
  }
  return spans;
}
