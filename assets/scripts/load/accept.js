/* Accepting lines as text: each becomes a record whose chosen column holds the raw line. */

import { post } from "../api.js";
import { openDialog } from "../dialog.js";
import { el } from "../dom.js";
import { noteReading } from "./ingests.js";
import { drawProblem } from "../notice.js";
import { counted, nameOf } from "../words.js";

const OTHER = "text"; // what the column is called where a table has none of text

/** Opens the choice of the column for `asked`, {accept: [{file, line}]} or {reason}, which are `lines` lines. */
export function acceptLines(table, asked, lines) {
  const select = el("select", { id: "accept-column" });
  const texts = table.columns.filter(({ type }) => type === "text").map(({ name }) => name);
  const names = texts.includes(OTHER) ? texts : [...texts, OTHER];
  select.append(
    ...names.map((name) =>
      el("option", { value: name, text: texts.includes(name) ? nameOf({ name }) : `${name} (a new column)` }),
    ),
  );
  const problem = el("div");
  const save = el("button", { class: "button primary", type: "button", text: "Accept" });
  const { close } = openDialog(
    `Accept ${counted(lines, "line")} as text`,
    [
      el("p", {
        class: "quiet",
        text: "The raw text goes into one column as it is; the others are missing.",
      }),
      el("label", { for: "accept-column", text: "Column" }),
      select,
      problem,
    ],
    save,
  );
  save.addEventListener("click", async () => {
    save.disabled = true;
    try {
      const body = await post(`tables/${table.id}/repairs`, { ...asked, column: select.value });
      close();
      noteReading(body);
    } catch (error) {
      problem.replaceChildren(drawProblem(error));
      save.disabled = false;
    }
  });
  select.focus();
}
