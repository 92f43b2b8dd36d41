/* The Export stage: what is written, in which file, and what was. */

import { exportList } from "./exports.js";
import { cardForm, configList } from "./extras.js";
import { fileFields } from "./fields.js";
import { formatList } from "./formats.js";
import { previewCard } from "./preview.js";
import { onWork, openTable, work } from "./work.js";
import { drawProblem } from "../notice.js";
import { onPlace, readPlace } from "../place.js";

export function exportPage({ element, props, watch }) {
  const find = (name) => element.querySelector(`[data-${name}]`);
  const formats = formatList(find("formats"), find("presets"));
  const fields = fileFields(find("file"));
  const card = cardForm(find("card"), find("card-said"));
  const configs = configList(find("configs"), find("configs-said"));
  const flush = () => Promise.all([fields.flush(), card.flush()]);
  const exports = exportList(find("exports"), find("write"), flush);
  previewCard(find("preview"));

  onWork("known", () => [formats, fields, card, configs].forEach((part) => part.draw()));
  onWork("refused", fields.drawRefused);
  onWork("wrong", () => find("wrong").replaceChildren(...(work.wrong ? [drawProblem(work.wrong)] : [])));

  const table = () => props.value?.table ?? ""; // none until the server has said which

  function show() {
    if (!table()) return;
    openTable(table());
    exports.open(table());
  }

  onPlace((place) => {
    if (place.tab !== "export") flush();
    else if (place.table && place.table === work.table) show();
  });
  // What was typed there may be saved after this stage has asked.
  document.addEventListener("studio:prompt-saved", ({ detail }) => {
    if (detail.table === work.table && readPlace().tab === "export") show();
  });
  addEventListener("pagehide", flush);
  watch("value", show);
  show();
}
