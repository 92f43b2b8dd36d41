/* What is said of tokens: of one under the pointer, of the whole example, and of what is wrong with it. Knows nothing
   of the page. */

import { count, counted, percent } from "../words.js";

const MOST_SHOWN = 80; // characters of a token's text in its words

const FATES = { fit: "fits", cut: "cut", lost: "lost" };

/** The class names of a token at place `i`. */
export function classesOf({ special, trained, cut, part }, i) {
  const names = ["token", i % 2 ? "odd" : "even", trained ? "trained" : "masked"];
  if (special) names.push("special");
  if (cut) names.push("cut");
  if (part) names.push("part");
  return names.join(" ");
}

/** What is said of one token: {place, text, words}; one without a text of its own is shown by its name. */
export function describeToken({ id, text, name, special, trained, cut, part }, i) {
  const words = [trained ? "Trained on" : "Context only, masked from loss"];
  if (special) words.unshift("Special token");
  if (part) words.unshift("A later byte of the character before it");
  if (cut) words.push("Beyond the max length: training does not see it");
  const spelled = text ? spell(text) : (name ?? "");
  return { place: `Token ${count(i + 1)} · id ${id}`, text: spelled, words: words.join(" · ") };
}

/** A text with its line ends and unseen characters spelled out, in quotes. */
function spell(text) {
  const shown = [...text.slice(0, 2 * MOST_SHOWN)].slice(0, MOST_SHOWN).join("");
  const spelled = JSON.stringify(shown).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0\u2000-\u200a]/gu,
    escapeSign,
  );
  return shown.length < text.length ? `${spelled} … ${counted(text.length, "character")}` : spelled;
}

const escapeSign = (sign) => `\\u{${sign.codePointAt(0).toString(16)}}`;

/** The four figures of an example: [{name, value, words, bad}]. */
export function figuresOf({ length, trained, max_length: limit, fate }) {
  const over = limit != null && length > limit ? `${count(length - limit)} over` : "";
  return [
    { name: "Tokens", value: count(length) },
    { name: "Trained", value: `${count(trained)} (${percent(trained, length)})`, bad: trained === 0 },
    { name: "Max length", value: limit == null ? "none" : count(limit) },
    { name: "This record", value: FATES[fate] ?? fate, words: over, bad: fate !== "fit" },
  ];
}

/** Whether the model learns where to stop: {text, bad}; null where nothing is trained at all. */
export function sayEnd({ about, end_trained: learned, fate, trained }) {
  if (!trained) return null;
  const end = about.end_token;
  if (!end)
    return { text: "The tokenizer has no end token: the model cannot learn where to stop.", bad: true };
  if (!learned)
    return {
      text: `The end token ${end} is not trained: the model does not learn where to stop.`,
      bad: true,
    };
  if (fate !== "fit")
    return { text: `The end token ${end} lies beyond the max length: here it is not learned.`, bad: true };
  return { text: `The end token ${end} is trained: the model learns where to stop.`, bad: false };
}

/** What a person should know of an example: sentences. */
export function listNotes(answer) {
  const { tokens, trained, fate, merged, first_trained: first, more, about, double_start: twice } = answer;
  const notes = [];
  if (!trained) notes.push(sayUntrained(about));
  if (fate === "lost" && trained)
    notes.push(`All ${counted(trained, "trained token")} lie beyond the max length: training leaves it out.`);
  if (fate === "cut" && !more) notes.push(sayCut(tokens));
  if (twice) notes.push("The start token stands twice: the template or the data has one of its own.");
  if (merged) notes.push(sayMerged(tokens[first], first));
  if (more) notes.push(`The first ${count(tokens.length)} of ${counted(answer.length, "token")} are shown.`);
  if (about.context != null && answer.max_length > about.context)
    notes.push(`The max length is above the tokenizer's context of ${counted(about.context, "token")}.`);
  return notes;
}

function sayUntrained({ marks_answers: marks }) {
  const why = "Nothing of this record is trained: the loss sees none of its tokens.";
  return marks === false ? `${why} The chat template does not mark the answers.` : why;
}

function sayCut(tokens) {
  const lost = tokens.filter((token) => token.cut && token.trained).length;
  return `${counted(lost, "trained token")} ${lost === 1 ? "lies" : "lie"} beyond the max length.`;
}

function sayMerged(token, first) {
  const which = token ? `Token ${count(first + 1)}, ${spell(token.text)},` : "It";
  return `The prompt ends inside a token. ${which} holds its end and the start of the completion; the loss sees both.`;
}

/** The tokenizer in a few words: "a local folder · 1,024 tokens known · context 512 · ends with <|endoftext|>". */
export function describeTokenizer({ words, vocabulary, context, end_token: end }) {
  const parts = [words];
  if (vocabulary != null) parts.push(`${counted(vocabulary, "token")} known`);
  if (context != null) parts.push(`context ${count(context)}`);
  parts.push(end ? `ends with ${end}` : "no end token");
  return parts.filter(Boolean).join(" · ");
}
