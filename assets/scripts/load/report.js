/* What became of every line of the chosen table's source: its figures, the lines in quarantine, those repaired. */

import { getJson } from "../api.js";
import { onReadings, readingOf } from "./ingests.js";
import { drawProblem } from "../notice.js";
import { drawQuarantine } from "./quarantine.js";
import { drawRepaired } from "./repaired.js";
import { drawTable } from "./summary.js";

const PAUSE = 1000; // ms between two looks at the figures of a table that grows

export function report({ element, props, watch }) {
  const box = element.querySelector("[data-report]");
  let [asked, looked] = [0, 0];
  let [shown, state, reason] = ["", "", ""]; // the table, where its reading stands, the reason chosen

  async function show() {
    const [call, id] = [++asked, props.value?.table];
    [looked, state] = [Date.now(), readingOf(id)?.state ?? ""];
    if (id !== shown) reason = "";
    if (!id) {
      box.replaceChildren();
      return;
    }
    try {
      const table = await getJson(`tables/${id}`);
      const repairs = table.repaired ? await getJson(`tables/${id}/repairs`) : [];
      const fixed = table.partial || state === "reading"; // a repair reads the whole source anew
      const cards = [drawTable(table, readingOf(id))];
      if (table.counts.quarantined) cards.push(await drawQuarantine(table, { reason, remember, fixed }));
      if (repairs.length) cards.push(drawRepaired(table, repairs, { fixed }));
      if (call === asked) draw(id, cards);
    } catch (problem) {
      if (call === asked) box.replaceChildren(drawProblem(problem));
    }
  }

  function draw(id, cards) {
    const focused = box.contains(document.activeElement) ? nameFocus(document.activeElement) : null;
    box.replaceChildren(...cards);
    if (focused && shown === id) findFocus(box, focused)?.focus();
    shown = id;
  }

  const remember = (chosen) => (reason = chosen);

  /** A table that grows is looked at now and then, unless the person is at work in its cards. */
  function follow({ readings, ended }) {
    const id = props.value?.table;
    const body = readings.find((one) => one.id === id);
    if (ended.some((one) => one.id === id) || (body?.state ?? "") !== state) {
      show();
      return;
    }
    const idle = Date.now() - looked > PAUSE && !box.contains(document.activeElement);
    if (body?.state === "reading" && body.table && idle) show();
  }

  onReadings(follow);
  watch("value", show);
  show();
}

/** What was focused, so that the same can be focused in what is drawn anew. */
const nameFocus = (node) => ({ card: labelOf(node.closest("section")), label: labelOf(node) });

const labelOf = (node) => node?.getAttribute("aria-label") ?? node?.textContent ?? "";

function findFocus(box, { card, label }) {
  const section = [...box.children].find((one) => labelOf(one) === card) ?? box.firstElementChild;
  const nodes = [...(section?.querySelectorAll("button, a, [tabindex]") ?? [])];
  return nodes.find((node) => labelOf(node) === label) ?? section?.querySelector("h2");
}
