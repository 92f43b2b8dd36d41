/* The template grammar as the editor colours it while one types: the same marks as studio/template/grammar.py, read
   without ever failing. What is wrong is said by the server; this only knows where it would be. */

const BARE = String.raw`(?!\p{Nd})[\p{L}\p{N}_][\p{L}\p{N}_-]*`;
const STRING = String.raw`"(?:[^"\\\u0000-\u001f]|\\.)*"`;
const TAG = new RegExp(`\\{([#^/]?)(${BARE}|${STRING})\\}`, "uy");
const BRACE = /[{}]/g;
const WHOLE_BARE = new RegExp(`^${BARE}$`, "u");
const ASKED = new RegExp(String.raw`(\{+)([#^/]?)("(?:[^"\\\n]|\\.)*|(?:${BARE})?)$`, "u");
const REST = /^(?:[\p{L}\p{N}_-]+|[^"{}\n]*")/u;
const LOOK_BACK = 400; // characters before the caret in which a name may have begun

/** The source as spans {start, end, kind, name}, in order and without gaps. `kind` is text, placeholder, section, brace
 * (a doubled one) or error: a brace that is no placeholder, a section that does not close or was not opened. */
export function scan(source) {
  const spans = [];
  const open = [];
  let position = 0;
  const add = (end, kind, name = "") => {
    if (end > position) spans.push({ start: position, end, kind, name });
    position = end;
  };
  for (let brace = nextBrace(source, 0); brace >= 0; brace = nextBrace(source, position)) {
    add(brace, "text");
    const doubled = source.slice(brace, brace + 2);
    if (doubled === "{{" || doubled === "}}") add(brace + 2, "brace");
    else addTag(readTag(source, brace));
  }
  add(source.length, "text");
  for (const span of open) span.kind = "error";
  return spans;

  function addTag(tag) {
    if (!tag) add(position + 1, "error");
    else if (!tag.mark) add(tag.end, "placeholder", tag.name);
    else addSection(tag);
  }

  function addSection({ mark, name, end }) {
    const closes = mark === "/";
    const known = !closes || open.at(-1)?.name === name;
    add(end, known ? "section" : "error", name);
    if (closes && known) open.pop();
    if (!closes) open.push(spans.at(-1));
  }
}

function nextBrace(source, from) {
  BRACE.lastIndex = from;
  return BRACE.exec(source)?.index ?? -1;
}

/** The tag that begins at a brace: {mark, name, end}, or null where there is none. */
function readTag(source, start) {
  TAG.lastIndex = start;
  const found = TAG.exec(source);
  if (!found) return null;
  const name = readName(found[2]);
  return name === null ? null : { mark: found[1], name, end: TAG.lastIndex };
}

function readName(written) {
  if (!written.startsWith('"')) return written;
  try {
    return JSON.parse(written);
  } catch {
    return null;
  }
}

/** A column's name as a template writes it: bare where that is allowed, otherwise as a JSON string. */
export const spellName = (name) => (WHOLE_BARE.test(name) ? name : JSON.stringify(name));

/** What the caret asks for: {mark, typed, from, to}, the name being written from `from` to `to`; or null. */
export function askedName(source, caret) {
  const start = Math.max(0, caret - LOOK_BACK);
  const found = ASKED.exec(source.slice(start, caret));
  if (!found || found[1].length % 2 === 0) return null;
  const [, , mark, typed] = found;
  const rest = typed || !mark ? REST.exec(source.slice(caret, caret + LOOK_BACK))?.[0] : "";
  const closed = rest && source[caret + rest.length] === "}";
  return { mark, typed, from: caret - typed.length, to: caret + (closed ? rest.length : 0) };
}

/** The names to propose, best first: those that begin with what is typed, then those that hold it. To close a section,
 * only the innermost that is open. */
export function proposeNames(source, asked, names) {
  if (asked.mark === "/") {
    const open = openSections(source.slice(0, asked.from - 2)).slice(-1);
    return matchNames(open, asked.typed);
  }
  return matchNames(names, asked.typed);
}

function openSections(source) {
  const open = [];
  for (const { kind, name, start } of scan(source)) {
    if (kind === "section" && source[start + 1] === "/") open.pop();
    else if ((kind === "error" && name) || kind === "section") open.push(name);
  }
  return open;
}

function matchNames(names, typed) {
  const words = typed.replace(/^"/, "").toLowerCase();
  const begin = names.filter((name) => name.toLowerCase().startsWith(words));
  const hold = names.filter((name) => !begin.includes(name) && name.toLowerCase().includes(words));
  return [...begin, ...hold];
}

/** What to write for a chosen name: {text, caret}, the caret counted from the start of `text`. A section is closed too,
 * unless something closes it already. */
export function writeName(source, { mark, from, to }, name) {
  const spelled = spellName(name);
  const closed = source[to] === "}";
  const text = closed ? spelled : `${spelled}}`;
  const caret = spelled.length + 1;
  if (closed || (mark !== "#" && mark !== "^")) return { text, caret };
  const [before, after] = [source.slice(0, from - 2), source.slice(to)];
  const opened = `${before}{${mark}${text}${after}`;
  return { text: faults(opened) > faults(before + after) ? `${text}{/${spelled}}` : text, caret };
}

const faults = (source) => scan(source).filter(({ kind }) => kind === "error").length;

/** A place counted in characters, as the server counts, as a place in the text of a browser. */
export function toUnits(text, characters) {
  let units = 0;
  for (const character of text) {
    if (characters <= 0) break;
    characters -= 1;
    units += character.length;
  }
  return units;
}
