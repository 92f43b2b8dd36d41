/* What is selected, and what can be done with it: a bar at the foot of the table. With a search or a filter
   it offers to take out everything that matches. */

import { openDialog } from "../dialog.js";
import { el } from "../dom.js";
import { isNarrowed } from "./query.js";
import { count, counted } from "../words.js";

const SURE = 100; // records that go without a question

/** Draws the bar, from {selected, query, total, done}; hides the words on keys while it has something to say.
 * */
export function drawSelected(box, keys, { selected, query, total, done }, on) {
  const matching = isNarrowed(query) && done && total > 0;
  const words = `${selected} ${matching} ${total}`;
  box.hidden = selected === 0 && !matching;
  keys.hidden = !box.hidden;
  if (box.dataset.drawn === words) return;
  box.dataset.drawn = words;
  const act = (text, work) =>
    el("button", { class: "button small", type: "button", text, on: { click: work } });
  const some = [
    el("b", { text: `${count(selected)} selected` }),
    act("Exclude", on.exclude),
    act("Restore", on.restore),
    act("Clear", on.clear),
  ];
  const all = act(
    total === 1 ? "Exclude the one that matches" : `Exclude all ${count(total)} that match`,
    on.excludeAll,
  );
  box.replaceChildren(...(selected ? some : []), ...(matching ? [all] : []));
}

/** Calls `work` for so many records; asks first when they are many. */
export function confirmMany(records, work) {
  if (records <= SURE) {
    work();
    return;
  }
  const sure = el("button", {
    class: "button primary",
    type: "button",
    text: `Exclude ${counted(records, "record")}`,
  });
  const words =
    `${counted(records, "record")} are left out of every later stage. ` +
    "The source stays as it is, and Undo puts them back.";
  const { close } = openDialog("Exclude all that match?", [el("p", { text: words })], sure);
  sure.addEventListener("click", () => {
    close();
    work();
  });
}
