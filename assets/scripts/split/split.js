/* The Split stage beside its form: parts as a bar, what each looks like, twins across them, hints. The counts come
   with the form's answer; the rest is looked for in the background and asked for until it is done. */

import { getJson } from "../api.js";
import { describeSplit, drawBar } from "./bar.js";
import { drawHints } from "./hints.js";
import { drawLooks } from "./looks.js";
import { drawNotice, drawProblem } from "../notice.js";
import { goTo } from "../place.js";
import { drawNear } from "./near.js";
import { drawProposal, drawTwins } from "./twins.js";
import { counted } from "../words.js";

const AGAIN = 400; // ms

export function splitBar({ element, props, trigger, watch }) {
  const find = (selector) => element.querySelector(selector);
  let asked = 0;
  let near = false; // whether near twins are looked for, until the form is another

  /** What the form's answer says: a problem at once, and the counts where no key has to be read for them. */
  function draw() {
    const value = props.value;
    if (value?.total === undefined) return;
    drawTotal(value.total, value.changes);
    if (value.problem) return drawNothing(drawNotice({ kind: "error", ...value.problem }));
    drawNothing(null);
    if (value.parts) drawParts({ ...value, records: value.total });
    near = false;
    ask(value.table);
  }

  async function ask(table) {
    const call = ++asked;
    try {
      const found = await getJson(`tables/${table}/split${near ? "?near=1" : ""}`);
      if (call !== asked || !element.isConnected) return;
      if (found.parts) drawReview(found, table);
      if (!found.done) setTimeout(() => call === asked && ask(table), AGAIN);
    } catch (problem) {
      if (call === asked) drawNothing(drawProblem(problem));
    }
  }

  function look(table) {
    near = true;
    ask(table);
  }

  function drawReview(found, table) {
    drawTotal(found.records, found.changes);
    drawParts(found);
    const looks = drawLooks(found);
    find("[data-looks]").replaceChildren(...(looks ? [looks] : []));
    find("[data-looks-card]").hidden = !looks;
    const group = () => trigger(found.proposal.near == null ? "group" : "group_near", {});
    find("[data-twins]").replaceChildren(
      ...drawTwins(found),
      ...drawNear(found, near, () => look(table)),
      ...drawProposal(found, group),
    );
    find("[data-twins-card]").hidden = false;
    const redraw = () => find("[data-hints]").replaceChildren(...drawHints(found.hints, redraw));
    redraw();
  }

  function drawParts(found) {
    element.querySelector(".split-parts").classList.remove("stale");
    drawBar({ bar: find("[data-bar]"), figures: find("[data-figures]") }, { ...found, total: found.records });
    find("[data-words]").textContent = describeSplit(found);
  }

  function drawTotal(total, changes) {
    find("[data-all]").textContent = [counted(total, "record"), changes].filter(Boolean).join(" · ");
  }

  /** Only a problem, if any: what was found before belongs to another split. */
  function drawNothing(problem) {
    asked += 1;
    find("[data-problem]").replaceChildren(...(problem ? [problem] : []));
    find(".split-parts").classList.toggle("stale", Boolean(problem));
    if (!problem) return;
    for (const name of ["looks", "twins"]) find(`[data-${name}-card]`).hidden = true;
    find("[data-hints]").replaceChildren();
  }

  element.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-row]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    goTo({ tab: "browse", row: Number(link.dataset.row) });
  });
  watch("value", draw);
  draw();
}
