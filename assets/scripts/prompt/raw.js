/* The record that is previewed, raw: every field exactly as it was read, with where it stands in the source. */

import { getJson } from "../api.js";
import { drawValue, makeReachable } from "../record/value.js";
import { el } from "../dom.js";
import { drawProblem } from "../notice.js";
import { count, nameOf } from "../words.js";

const OPEN = "studio.prompt.record";
const NARROW = matchMedia("(max-width: 900px)");

/** The pane `fold`, a <details>; {show(table, row)} draws a record once it is open. */
export function rawRecord(fold, light) {
  const box = fold.querySelector("[data-fields]");
  let [wanted, drawn, asked] = [null, "", 0];
  fold.open = localStorage.getItem(OPEN) ? localStorage.getItem(OPEN) === "yes" : !NARROW.matches;

  async function load() {
    if (!fold.open || !wanted) return;
    const call = ++asked;
    try {
      const record = await getJson(`tables/${wanted.table}/records/${wanted.row}`);
      if (call === asked) draw(record);
    } catch (problem) {
      if (call === asked) box.replaceChildren(drawProblem(problem));
    }
  }

  function draw(record) {
    const now = JSON.stringify([wanted.table, record]);
    if (now === drawn) return;
    drawn = now;
    fold.querySelector("summary").textContent = `Record ${count(record.row)}`;
    box.replaceChildren(...record.cells.map(drawField));
    light();
  }

  fold.addEventListener("toggle", () => {
    localStorage.setItem(OPEN, fold.open ? "yes" : "no");
    load();
  });
  return {
    show(table, row) {
      wanted = { table, row };
      load();
    },
  };
}

function drawField(cell) {
  const value = drawValue(cell);
  requestAnimationFrame(() => makeReachable(value, nameOf(cell)));
  return el(
    "section",
    { class: "raw-field", data: { column: cell.name } },
    el("h3", { dir: "auto", text: nameOf(cell) }),
    ...value,
  );
}
