/* JSON as it is spelled. Nothing is parsed into values and written again: 1.0 stays 1.0, and 12345678901234567890 stays
   that. Text that ends too early is read as far as it goes. */

const SPACE = /[ \t\n\r]+/y;
const STRING = /"[^"\\]*(?:\\[^]?[^"\\]*)*"?/y;
const PLAIN = /[^ \t\n\r"{}[\]:,]+/y;
const CLOSING = { "{": "}", "[": "]" };

/** The tokens of a spelling in order, white space between them left out: [{kind, text, from}]. `kind` is string, plain
 * (a number, true, false, null), or the sign itself: { } [ ] : , */
export function readTokens(spelling) {
  const tokens = [];
  let from = 0;
  while (from < spelling.length) {
    const space = match(SPACE, spelling, from);
    if (space) {
      from += space.length;
      continue;
    }
    const string = match(STRING, spelling, from);
    const plain = string || match(PLAIN, spelling, from);
    const text = plain || spelling[from];
    tokens.push({ kind: string ? "string" : plain ? "plain" : text, text, from });
    from += text.length;
  }
  return tokens;
}

/** A spelling laid out over lines: [{kind, text, from}], where `from` is the place in the spelling, or -1 for the white
 * space that stands between (kind "space"). A string before a colon is of kind "key". */
export function layOut(spelling) {
  const tokens = readTokens(spelling);
  const pieces = [];
  let depth = 0;
  const space = (text) => pieces.push({ kind: "space", text, from: -1 });
  const newLine = () => space(`\n${"  ".repeat(depth)}`);
  tokens.forEach((token, i) => {
    const [before, after] = [tokens[i - 1]?.kind, tokens[i + 1]?.kind];
    const closes = token.kind === "}" || token.kind === "]";
    if (closes) depth = Math.max(0, depth - 1);
    if (closes && CLOSING[before] !== token.kind) newLine();
    pieces.push(token.kind === "string" && after === ":" ? { ...token, kind: "key" } : token);
    if (token.kind in CLOSING) depth += 1;
    if (token.kind in CLOSING && after && CLOSING[token.kind] !== after) newLine();
    if (token.kind === "," && after) newLine();
    if (token.kind === ":" && after) space(" ");
  });
  return pieces;
}

/** The text of a string token, where in it each of its UTF-16 units begins (with the end as the last), and whether it
 * breaks off (`open`). */
export function decodeString(token) {
  const starts = [];
  let text = "";
  let at = 1;
  while (at < token.length && token[at] !== '"') {
    const [unit, length] = decodeUnit(token, at);
    starts.push(at);
    text += unit;
    at += length;
  }
  return { text, starts: [...starts, at], open: at >= token.length };
}

const ESCAPES = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

function decodeUnit(token, at) {
  if (token[at] !== "\\") return [token[at], 1];
  const sign = token[at + 1] ?? "";
  if (sign === "u") return [String.fromCharCode(parseInt(token.slice(at + 2, at + 6), 16)), 6];
  return [ESCAPES[sign] ?? sign, 2];
}

function match(pattern, text, from) {
  pattern.lastIndex = from;
  return pattern.exec(text)?.[0] ?? "";
}
