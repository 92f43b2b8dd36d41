/* How bytes are read where a format leaves a choice: the fields of a form, their words, and what stands in them. */

import { el } from "../dom.js";

const FIELDS = {
  delimiter: {
    label: "Delimiter",
    help: "Between the cells of a CSV: one character, or the word tab.",
    empty: "found in the file",
    formats: ["csv", ""],
  },
  quote: {
    label: "Quote",
    help: "Around a cell that holds the delimiter.",
    empty: '"',
    formats: ["csv", ""],
  },
  encoding: {
    label: "Encoding",
    help: "Of text that is not Unicode, such as cp1252 or latin-1.",
    empty: "UTF-8 or UTF-16",
    formats: ["csv", "text", "json", ""],
  },
  types: {
    label: "Column types",
    help: "A CSV is all text, unless you say integer, float or boolean.",
    empty: "score=integer, price=float",
    formats: ["csv", ""],
  },
  records: {
    label: "Records of a text",
    help: "A record is a line, or what stands between blank lines.",
    choices: [
      ["", "one a line"],
      ["block", "one a block"],
    ],
    formats: ["text", ""],
  },
};

const NOTHING = { types: {} };
const TYPED = /\s*(?:("(?:[^"\\]|\\.)*")|([^=,]+))\s*(?:=\s*(\w*))?\s*(?:,|$)/g;

let drawn = 0; // a form may stand on the page twice, and each field needs an id of its own

/** The fields named, each with its label and a line of help, `values` filled in; all of them when none is named. */
export function drawOptions(names = Object.keys(FIELDS), values = {}) {
  return names.map((name) => {
    const { label, help, empty, choices } = FIELDS[name];
    const id = `option-${++drawn}`;
    const attributes = { id, name, value: writeValue(name, values[name]), "aria-describedby": `${id}-help` };
    const input = choices
      ? el("select", attributes, ...choices.map(([value, text]) => el("option", { value, text })))
      : el("input", {
          type: "text",
          placeholder: empty,
          autocomplete: "off",
          spellcheck: "false",
          ...attributes,
        });
    const words = el("small", { id: `${id}-help`, text: help });
    return el(
      "div",
      { class: "entry", data: { option: name } },
      el("label", { for: id, text: label }),
      input,
      words,
    );
  });
}

/** Hides the fields that do not apply to a format; "" is one that is not known yet. */
export function fitOptions(form, format) {
  for (const [name, { formats }] of Object.entries(FIELDS)) {
    const entry = form.querySelector(`[data-option=${name}]`);
    if (entry) entry.hidden = !formats.includes(format);
  }
}

/** What is asked for, by the names of the server's options; fields that are empty or hidden are left out. */
export function readOptions(form) {
  const asked = {};
  for (const entry of form.querySelectorAll("[data-option]")) {
    const { name, value } = entry.querySelector("input, select");
    if (!entry.hidden && value.trim()) asked[name] = readValue(name, value.trim());
  }
  return asked;
}

/** The same with what is empty said to be so, for a source that had it set: it is decided anew. */
export function readAllOptions(form) {
  const names = [...form.querySelectorAll("[data-option]")].map((entry) => entry.dataset.option);
  return Object.fromEntries(names.map((name) => [name, readOptions(form)[name] ?? NOTHING[name] ?? null]));
}

/** The options in words, for where the form is folded: "delimiter ; · encoding cp1252". */
export const describeOptions = (asked) =>
  Object.entries(asked)
    .map(([name, value]) => `${FIELDS[name].label.toLowerCase()} ${writeValue(name, value)}`)
    .join(" · ");

/** A delimiter or quote as it can be read: a tab and a space have no sign of their own. */
export const nameSign = (sign) => ({ "\t": "tab", " ": "space" })[sign] ?? sign;

function writeValue(name, value) {
  if (value == null || value === "line") return ""; // a line a record is what is meant when nothing is said
  if (name !== "types") return nameSign(value);
  return Object.entries(value)
    .map(([column, type]) => `${/[,="]/.test(column) ? JSON.stringify(column) : column}=${type}`)
    .join(", ");
}

function readValue(name, text) {
  if (name === "types") return readTypes(text);
  return { tab: "\t", "\\t": "\t", space: " " }[text.toLowerCase()] ?? text;
}

/** `score=integer, "a, b"=float` as {score: "integer", "a, b": "float"}; the server says what is no type. */
function readTypes(text) {
  const types = {};
  for (const [, quoted, bare, type] of text.matchAll(TYPED)) {
    const name = quoted ? readQuoted(quoted) : bare.trim();
    if (name && type !== "text") types[name] = type || "none";
  }
  return types;
}

function readQuoted(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
