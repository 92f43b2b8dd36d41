/* The raw line of one record, fetched when a person asks for it, or the reason why there is none to show. */

import { getJson } from "../api.js";
import { copyButton, el } from "../dom.js";
import { drawRaw } from "./marks.js";
import { drawProblem } from "../notice.js";
import { count, counted } from "../words.js";

const MOST = 20_000; // characters drawn at once; Copy takes all

/** A fold that holds the raw line of record `row`. */
export function rawFold(table, row) {
  const box = el("div", { class: "raw-line", role: "status" });
  const fold = el("details", { class: "raw-fold" }, el("summary", { text: "Raw line" }), box);
  fold.addEventListener("toggle", () => fold.open && !box.children.length && fill(box, table, row));
  return fold;
}

async function fill(box, table, row) {
  try {
    const { raw, reason } = await getJson(`tables/${table}/records/${row}/raw`);
    box.replaceChildren(...(raw == null ? [el("p", { class: "quiet", text: reason })] : drawLine(raw)));
  } catch (problem) {
    box.replaceChildren(drawProblem(problem));
  }
}

function drawLine(raw) {
  const size = el("span", { class: "quiet", text: counted(raw.length, "character") });
  const head = el(
    "div",
    { class: "field-head" },
    size,
    copyButton("Copy the raw line", () => raw),
  );
  const cut =
    raw.length > MOST
      ? el("p", { class: "quiet", text: `The first ${count(MOST)} characters are shown.` })
      : null;
  return [head, drawRaw(raw.slice(0, MOST)), ...(cut ? [cut] : [])];
}
