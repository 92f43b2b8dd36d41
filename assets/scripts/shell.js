/* The frame around every stage: the rail, the chip of the chosen table with its menu, the theme, the page's title.
   Going to a place clicks Gradio's own (hidden) tab and tells the server with the event `visit_<tab>`. */

import { el } from "./dom.js";
import { onPlace, readPlace, goTo, goToTable, writePlace } from "./place.js";
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

  function visit(place) {
    markStage(element, place.tab);
    openPane(place.tab);
    trigger(`visit_${place.tab}`, { table: place.table, run: place.run, row: place.row });
  }

  function draw() {
    const value = props.value;
    if (!value?.stages) return;
    document.documentElement.dataset.table = value.table ? "some" : "none";
    if (value.table && readPlace().table !== value.table.id) writePlace({ table: value.table.id });
    for (const link of element.querySelectorAll(".rail a"))
      link.querySelector("small").textContent = value.stages[link.dataset.tab] ?? "";
    menu.draw(value.table, value.tables);
    chip.draw(value.running);
    element.querySelector(".lost").hidden = !value.lost;
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
  watch("value", draw);
  draw();
  visit(readPlace());
}

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

  function draw(table, tables) {
    button.toggleAttribute("data-held", Boolean(table));
    button.querySelector("b").textContent = table ? table.name : "No table yet";
    button.querySelector(".quiet").textContent = table ? describe(table) : "";
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
  return { draw };
}

const describe = (table) => `${recordsOf(table)} · ${table.format} · ${bytes(table.bytes)}`;

function moveInMenu(event, list, leave) {
  if (list.hidden) return;
  if (event.key === "Escape") leave();
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = [...list.querySelectorAll("button")];
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
}
