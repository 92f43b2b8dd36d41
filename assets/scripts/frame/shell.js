/* The frame around every stage: the rail, the chip of the chosen table with its menu, the theme, the page's title.
   Going to a place clicks Gradio's own (hidden) tab and tells the server with the event `visit_<tab>`. */

import { watchChanges } from "../record/changes.js";
import { datasetMenu } from "./datasets.js";
import { debounce } from "../dom.js";
import { isReading, lookAtReadings, onReadings } from "../load/ingests.js";
import { onPlace, readPlace, goTo, refreshPlace, writePlace } from "../place.js";
import { watchJobChip } from "./chip.js";
import { applyTheme, switchTheme } from "./theme.js";
import { count } from "../words.js";

const TITLES = {
  load: "Load",
  browse: "Browse",
  prompt: "Prompt",
  split: "Split",
  export: "Export",
  finetune: "Fine-tune",
  compare: "Compare",
};

export function shell({ element, props, trigger, watch }) {
  applyTheme();
  const menu = datasetMenu(element);
  const chip = watchJobChip(element);
  let visits = 0;

  function visit(place) {
    visits += 1;
    markStage(element, place.tab);
    openPane(place.tab);
    trigger(`visit_${place.tab}`, { table: place.table, run: place.run, row: place.row });
  }

  function draw() {
    const value = props.value;
    if (!value?.stages) return;
    document.documentElement.dataset.table = value.table ? "some" : "none";
    // An answer that comes late, when the page has gone on to another table, does not bring it back.
    if (value.table && readPlace().table === value.asked) writePlace({ table: value.table.id });
    for (const link of element.querySelectorAll(".rail a"))
      link.querySelector("small").textContent = value.stages[link.dataset.tab] ?? "";
    menu.draw(value.table);
    chip.draw(value.running);
    element.querySelector(".lost").hidden = !value.lost;
    if (value.tables.some(({ reading }) => reading)) lookAtReadings();
  }

  /** The frame counts along with a reading; how one ended is the server's to say, and changes every stage. */
  function follow({ readings, ended }) {
    const { table } = props.value ?? {};
    const body = readings.find(({ id }) => id === table?.id);
    if (body?.table && isReading(body) && table.partial) countAlong(table, body);
    const before = visits;
    if (ended.some(({ table: stored }) => stored) && !isTyping())
      setTimeout(() => visits === before && refreshPlace()); // unless the page goes elsewhere for the same reason
  }

  function countAlong(table, body) {
    const records = Math.max(table.records, body.records);
    menu.say({ ...table, records, reading: true });
    element.querySelector(".rail a[data-tab=browse] small").textContent = count(records);
  }

  /** What the stages hold is another thing once a record is taken out or put right. */
  const describe = debounce(() => readPlace().tab === "browse" && refreshPlace(), 300);

  element.querySelector(".rail").addEventListener("click", (event) => {
    const link = event.target.closest("a[data-tab]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    goTo({ tab: link.dataset.tab });
  });
  element.querySelector("[data-act=theme]").addEventListener("click", switchTheme);
  document.addEventListener("click", followLink);
  onPlace(visit);
  onReadings(follow);
  watchChanges(({ changed }) => changed && describe());
  watch("value", draw);
  draw();
  visit(readPlace());
}

/** Whether a person writes in a form that a visit would fill again under their hands. */
const isTyping = () =>
  !["load", "browse"].includes(readPlace().tab) &&
  Boolean(document.activeElement?.matches("#pages :is(input, textarea, select)"));

/** Links inside the page (`?tab=…`) change the place without loading the page again. */
function followLink(event) {
  const link = event.target.closest?.("a[data-go]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  goTo({ tab: link.dataset.go });
}

function markStage(element, tab) {
  for (const link of element.querySelectorAll(".rail a")) {
    if (link.dataset.tab !== tab) link.removeAttribute("aria-current");
    else {
      link.setAttribute("aria-current", "page");
      link.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }
  document.title = `${TITLES[tab]} · Dataset Studio`;
}

/** Gradio may still be drawing its tabs when the page starts. */
function openPane(tab, tries = 0) {
  const button = document.getElementById(`pane-${tab}-button`);
  if (button) button.click();
  else if (tries < 200) setTimeout(openPane, 25, tab, tries + 1);
}
