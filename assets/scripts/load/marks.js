/* Raw text with what cannot be seen in it made visible: control characters, marks of direction, spaces without width.
   The signs come from the style sheet, so that copying gives the text alone. */

import { el } from "../dom.js";

const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u00a0\u2000-\u200a\u3164\ufeff\ufffd]/u;
const NAMES = { 0: "NUL", 9: "→", 10: "↵", 13: "CR", 27: "ESC", 127: "DEL", 0xa0: "NBSP", 0xfeff: "BOM" };

/** A `code` of class raw that holds the text. */
export function drawRaw(text) {
  const node = el("code", { class: "raw" });
  let plain = "";
  for (const sign of text) {
    if (!UNSEEN.test(sign)) {
      plain += sign;
      continue;
    }
    node.append(plain, drawSign(sign));
    plain = "";
  }
  node.append(plain);
  return node;
}

/** "U+200B at 12", for each of the unseen characters of a text but line ends and tabs; at most `most` of them. */
export function listUnseen(text, most = 8) {
  const found = [];
  let at = 0;
  for (const sign of text) {
    at += 1;
    if (sign === "\n" || sign === "\t" || !UNSEEN.test(sign)) continue;
    if (found.length === most) return [...found, "…"];
    found.push(`${nameSign(sign)} at ${at}`);
  }
  return found;
}

function drawSign(sign) {
  const code = sign.codePointAt(0);
  const name = NAMES[code] ?? nameSign(sign);
  return el("span", { class: "unseen", text: sign, title: nameSign(sign), data: { sign: name } });
}

const nameSign = (sign) => `U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
