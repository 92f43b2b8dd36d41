/* The Prompt stage: which table it is about, and the choice of a template: what the records look like, and styles. */

import { drawProposals } from "./proposals.js";
import { styleList } from "./styles.js";
import { choose, flush, goToRow, onWork, openTable, work } from "./work.js";
import { drawProblem } from "../notice.js";
import { onPlace } from "../place.js";

export function promptPage({ element, props, watch }) {
  const find = (selector) => element.querySelector(selector);
  const styles = styleList(find("[data-styles]"), find("[data-search]"));
  const proposals = find("[data-proposals]");

  function draw() {
    styles.draw();
    drawProposals(proposals, work.known, (template, columns) => choose(template, columns));
  }

  function drawWrong() {
    find("[data-wrong]").replaceChildren(...(work.wrong ? [drawProblem(work.wrong)] : []));
  }

  const table = () => props.value?.table ?? ""; // none until the server has said which

  function show() {
    if (table() && table() !== work.table) openTable(table());
  }

  onWork("known", draw);
  for (const event of ["known", "wrong"]) onWork(event, drawWrong);
  for (const event of ["kept", "template"]) onWork(event, styles.draw);
  onPlace((place) => {
    if (place.tab !== "prompt") flush();
    else if (place.table && place.table === work.table) openTable(place.table);
  });
  addEventListener("pagehide", flush);
  document.addEventListener("studio:show-row", ({ detail }) => {
    goToRow(detail.row);
    document.getElementById("preview-card").scrollIntoView({ block: "nearest" });
  });
  watch("value", show);
  show();
}
