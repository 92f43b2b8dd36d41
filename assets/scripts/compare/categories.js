/* The score that decides, told by the values of a column of the test records. */

import { el } from "../dom.js";
import { count, score } from "../words.js";
import { SCORES, drawDifference } from "./scores.js";

/** Fills the choice of the column; it is hidden where the run has kept none. */
export function fillColumns(select, columns, by) {
  const all = by && !columns.includes(by) ? [...columns, by] : columns;
  const options = [["", "no column"], ...all.map((name) => [name, name])];
  select.replaceChildren(...options.map(([value, text]) => el("option", { value, text })));
  select.value = by;
  select.closest("label").hidden = !all.length;
}

/** The table of the categories; of texts the bits per byte decide, else token F1. */
export function drawCategories({ by, categories, tuned }) {
  const name = tuned.token_f1 == null ? "bits_per_byte" : "token_f1";
  const [title, , better, digits] = SCORES[name];
  const heads = [by, "Records", `${title} before`, "After", "Difference", "95 % interval", "Verdict"];
  const rows = categories.map((category) => {
    const figures = [category.base[name], category.tuned[name]].map((value) =>
      el("td", { class: "number", text: score(value, digits) }),
    );
    return el(
      "tr",
      {},
      el("th", { scope: "row", dir: "auto", ...nameValue(category.value) }),
      el("td", { class: "number", text: count(category.records) }),
      ...figures,
      ...drawDifference(category.difference[name], better, digits),
    );
  });
  return el(
    "table",
    { class: "lines scores" },
    el("thead", {}, el("tr", {}, ...heads.map((text) => el("th", { scope: "col", text })))),
    el("tbody", {}, ...rows),
  );
}

const nameValue = (value) => (value == null ? { class: "quiet", text: "no value" } : { text: value });
