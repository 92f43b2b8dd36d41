/* The frame around every stage: the rail, the chip of the chosen table with its menu, the theme, the page's title.
   Going to a place clicks Gradio's own (hidden) tab and tells the server with the event `visit_<tab>`. */

import { el } from "./dom.js";
import { isReading, lookAtReadings, onReadings } from "./ingests.js";
import { onPlace, readPlace, goTo, goToTable, refreshPlace, writePlace } from "./place.js";
import { watchJobChip } from "./chip.js";
import { applyTheme, switchTheme } from "./theme.js";
import { bytes, count, recordsOf } from "./words.js";

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
  const menu = tableMenu(element);
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
    menu.draw(value.table, value.tables);
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

/** The chip of the chosen table and the menu of all tables that opens from it. */
function tableMenu(element) {
  const holder = element.querySelector("[data-tables]");
  const [button, list] = [holder.querySelector("button"), holder.querySelector(".menu")];

  function open(wanted) {
    list.hidden = !wanted;
    button.setAttribute("aria-expanded", wanted);
    if (wanted) (list.querySelector("[aria-checked=true]") ?? list.querySelector("button"))?.focus();
  }

  function say(table) {
    button.toggleAttribute("data-held", Boolean(table));
    button.toggleAttribute("data-partial", Boolean(table?.partial));
    button.querySelector("b").textContent = table ? table.name : "No table yet";
    button.querySelector(".quiet").textContent = table ? describe(table) : "";
  }

  function draw(table, tables) {
    say(table);
    list.replaceChildren(
      el("p", {
        role: "presentation",
        text: tables.length ? `Tables of this workspace · ${count(tables.length)}` : "No table yet",
      }),
      ...tables.map((other) => entry(other, other.id === table?.id)),
      el("button", { type: "button", role: "menuitem", text: "Load another …", data: { go: "load" } }),
    );
  }

  function entry(table, chosen) {
    const item = el("button", {
      type: "button",
      role: "menuitemradio",
      "aria-checked": chosen,
      data: { id: table.id },
    });
    item.append(el("b", { text: table.name }), el("span", { class: "quiet", text: describe(table) }));
    return item;
  }

  button.addEventListener("click", () => open(list.hidden));
  list.addEventListener("click", (event) => {
    const item = event.target.closest("button");
    if (!item) return;
    open(false);
    if (item.dataset.go) goTo({ tab: item.dataset.go });
    else goToTable(item.dataset.id, readPlace().tab);
  });
  holder.addEventListener("keydown", (event) =>
    moveInMenu(event, list, () => {
      open(false);
      button.focus();
    }),
  );
  document.addEventListener("click", (event) => holder.contains(event.target) || open(false));
  return { draw, say };
}

const describe = (table) =>
  [recordsOf(table), table.format, ...(table.reading ? [] : [bytes(table.bytes)])].join(" · ");

function moveInMenu(event, list, leave) {
  if (list.hidden) return;
  if (event.key === "Escape") leave();
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = [...list.querySelectorAll("button")];
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
}
