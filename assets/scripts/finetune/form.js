/* The Fine-tune stage's left column: what is trained, and how. */

import { drawModel } from "./model.js";
import { optionFields } from "./fields.js";
import { methodChoice } from "./method.js";
import { onWork, openTable, settled, work } from "./work.js";
import { drawProblem } from "../notice.js";
import { onPlace, readPlace } from "../place.js";

export function finetuneForm({ element, props, watch }) {
  const find = (name) => element.querySelector(`[data-${name}]`);
  const model = drawModel(find("kinds"), find("model"), find("about"));
  const method = methodChoice(find("method"));
  const fields = optionFields(element);

  onWork(() => {
    model.draw();
    find("training").hidden = !work.model;
    if (work.model) {
      method.draw();
      fields.draw();
    }
    const lost = !work.model && !work.refused && work.wrong;
    find("wrong").replaceChildren(...(lost ? [drawProblem(work.wrong)] : []));
  });

  const table = () => props.value?.table ?? ""; // none until the server has said which
  const show = () => table() && openTable(table());

  onPlace((place) => {
    if (place.tab !== "finetune") settled();
  });
  // What was typed there may be saved after this stage has asked.
  document.addEventListener("studio:prompt-saved", ({ detail }) => {
    if (detail.table === work.table && readPlace().tab === "finetune") show();
  });
  addEventListener("pagehide", settled);
  watch("value", show);
  show();
}
