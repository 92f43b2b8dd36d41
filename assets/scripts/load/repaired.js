/* The repaired lines of a table: what stands in the place of each, and a button that puts it back. */

import { send } from "../api.js";
import { el } from "../dom.js";
import { noteReading } from "./ingests.js";
import { drawRaw } from "./marks.js";
import { drawProblem } from "../notice.js";
import { count, counted } from "../words.js";

const MOST = 50;
const MOST_CHARACTERS = 200;

/** The card of the repairs [{file, line, hash, raw}] of a table; none can be undone where they are `fixed`. */
export function drawRepaired(table, repairs, { fixed }) {
  const several = table.files.length > 1;
  const heads = [several ? "File and line" : "Line", "Now reads"].map((text) =>
    el("th", { scope: "col", text }),
  );
  heads.push(el("th", { scope: "col" }, el("span", { class: "off-screen", text: "What to do" })));
  const problem = el("div", { data: { problem: "" } });
  const rows = repairs.slice(0, MOST).map((repair) => drawRepair(table, repair, { several, fixed, problem }));
  const lines = el(
    "table",
    { class: "lines bad-lines" },
    el("thead", {}, el("tr", {}, ...heads)),
    el("tbody", {}, ...rows),
  );
  const left = repairs.length - rows.length;
  return el(
    "section",
    { class: "card", "aria-label": "Repaired lines" },
    el(
      "header",
      {},
      el("h2", { text: `${counted(repairs.length, "repaired line")}`, tabindex: -1 }),
      el("span", { class: "quiet", text: "The file is not touched; the repairs are part of the recipe." }),
    ),
    problem,
    el("div", { class: "scroll-x", tabindex: 0, role: "region", "aria-label": "Repairs" }, lines),
    left > 0 ? el("p", { class: "quiet more", text: `and ${count(left)} more` }) : null,
  );
}

function drawRepair(table, { file, line, raw }, { several, fixed, problem }) {
  const undo = el("button", {
    class: "button small",
    type: "button",
    text: "Undo",
    "aria-label": `Undo the repair of line ${count(line)}`,
    hidden: fixed,
  });
  undo.addEventListener("click", async () => {
    undo.disabled = true;
    try {
      const where = new URLSearchParams({ file, line });
      noteReading(await send("DELETE", `tables/${table.id}/repairs?${where}`));
    } catch (error) {
      problem.replaceChildren(drawProblem(error));
      undo.disabled = false;
    }
  });
  const place = several ? `${file} · ${count(line)}` : count(line);
  return el(
    "tr",
    {},
    el("td", { class: "number", text: place, title: file, data: several ? { file: "" } : {} }),
    el("td", { class: "raw-cell" }, drawRaw(raw.slice(0, MOST_CHARACTERS))),
    el("td", {}, undo),
  );
}
