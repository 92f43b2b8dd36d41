/* A rendered text as it is: every character of it, with marks for what cannot be seen. The marks come from the style
   sheet, so that copying gives the text alone. */

import { el } from "../dom.js";

// Line ends and tabs; controls; signs without width (but for joiners, which letters need); direction controls.
const CONTROLS = String.raw`\u0000-\u0008\u000b-\u001f\u007f-\u009f`;
const SIGNS = String.raw`\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff`;
const UNSEEN = new RegExp(`([\\n\\t${CONTROLS}${SIGNS}])`);
const NAMES = {
  "\r": "CR",
  "\u061c": "ALM",
  "\u200e": "LRM",
  "\u200f": "RLM",
  "\u202a": "LRE",
  "\u202b": "RLE",
  "\u202c": "PDF",
  "\u202d": "LRO",
  "\u202e": "RLO",
  "\u2066": "LRI",
  "\u2067": "RLI",
  "\u2068": "FSI",
  "\u2069": "PDI",
};

/** The text as nodes. A direction control stands alone in an isolate, where it turns nothing around. */
export function visible(text) {
  return text.split(UNSEEN).flatMap((piece, i) => (i % 2 ? [drawUnseen(piece)] : piece ? [piece] : []));
}

function drawUnseen(sign) {
  if (sign === "\n") return el("span", { class: "line-end", text: "\n" });
  if (sign === "\t") return el("span", { class: "tab", text: "\t" });
  return el("bdi", { class: "unseen", data: { mark: nameSign(sign) }, text: sign });
}

/** A short name of a sign that is not seen: RLO, U+200B. */
export const nameSign = (sign) =>
  NAMES[sign] ?? `U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;

/** A text in one span of the class `name`. */
export const visibleText = (name, text) => el("span", { class: name }, ...visible(text));

/** The texts of an example {type, prompt, completion, text, messages}, prompt and completion told apart. */
export function drawExample(value) {
  if (value.type === "text") return [visibleText("prompt", value.text)];
  if (value.type === "prompt-completion")
    return [visibleText("prompt", value.prompt), visibleText("completion", value.completion)];
  return value.messages.flatMap(({ role, content }) => [drawRole(role), visibleText(sideOf(role), content)]);
}

/** Rendered parts [{kind, role, pieces: [{text, column}]}]; each piece of a column says so, and the first of every
 * column can be reached by the keyboard. */
export function drawParts(parts) {
  const reached = new Set();
  return parts.flatMap(({ kind, role, pieces }) => {
    const side = kind === "message" ? sideOf(role) : kind === "completion" ? "completion" : "prompt";
    const text = el("span", { class: side }, ...pieces.map((piece) => drawPiece(piece, reached)));
    return kind === "message" ? [drawRole(role), text] : [text];
  });
}

function drawPiece({ text, column }, reached) {
  if (column === null) return el("span", {}, ...visible(text));
  const first = !reached.has(column);
  reached.add(column);
  const way = first ? { tabindex: 0, role: "group", "aria-label": `from column ${column}` } : {};
  return el("span", { class: "piece", data: { column }, ...way }, ...visible(text));
}

const drawRole = (role) => el("b", { class: "role", text: role });
const sideOf = (role) => (role === "assistant" ? "completion" : "prompt");
