/* The datasets of the workspace, in a panel under the chip of the top bar: choose one, name it, take it away, put it
   back. The panel asks the server whenever it opens; what is on the page when it is told of a change is drawn anew. */

import { getJson, send } from "../api.js";
import { el, icon } from "../dom.js";
import { drawProblem } from "../notice.js";
import { goTo, goToTable, readPlace, refreshPlace } from "../place.js";
import { bytes, count, recordsOf } from "../words.js";

const PENCIL = "M3 13l.7-2.8 7-7 2.1 2.1-7 7L3 13z";
const BIN = "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.5 8.5h6l.5-8.5";

/** The chip and its panel; `draw(table)` says which table is the chosen one, `say(table)` that it has grown. */
export function datasetMenu(element) {
  const holder = element.querySelector("[data-tables]");
  const [button, panel] = [holder.querySelector("button"), holder.querySelector(".menu")];
  const [list, told] = [el("div"), el("div", { role: "status", "aria-live": "polite" })];
  let chosen = null;

  async function open(wanted) {
    panel.hidden = !wanted;
    button.setAttribute("aria-expanded", wanted);
    if (!wanted) return;
    told.replaceChildren();
    await refresh();
    panel.querySelector("[aria-current=true], .dataset-name, [data-go]")?.focus();
  }

  async function refresh() {
    try {
      const { datasets, removed } = await getJson("datasets");
      list.replaceChildren(drawDatasets(datasets), ...drawRemoved(removed));
    } catch (problem) {
      told.replaceChildren(drawProblem(problem));
    }
  }

  /** Does `work`, says what was done, and draws the panel anew and, by `arrive`, the page. */
  async function change(work, words, focus, arrive = refreshPlace) {
    try {
      await work();
      told.replaceChildren(el("p", { class: "quiet", text: words }));
      arrive();
    } catch (problem) {
      told.replaceChildren(drawProblem(problem));
    }
    await refresh();
    (panel.querySelector(focus) ?? panel.querySelector("[data-go]")).focus();
  }

  function drawDatasets(datasets) {
    const head = datasets.length ? `Datasets of this workspace · ${count(datasets.length)}` : "No dataset yet";
    const lines = datasets.map((dataset) => drawDataset(dataset, dataset.id === chosen?.id));
    return el("div", {}, el("p", { text: head }), el("ul", {}, ...lines));
  }

  function drawDataset(dataset, current) {
    const main = el(
      "button",
      { type: "button", class: "dataset-name", "aria-current": current ? "true" : null },
      el("b", { text: dataset.name }),
      el("span", { class: "quiet", text: `${describe(dataset)} · ${bytes(dataset.disk_bytes)} on disk` }),
    );
    main.addEventListener("click", () => choose(dataset));
    const rename = icon(PENCIL, `Rename ${dataset.name}`, () => line.replaceChildren(drawForm(dataset)));
    const remove = icon(BIN, `Remove ${dataset.name}`, () => removeOne(dataset, current));
    const line = el("li", { data: { id: dataset.id } }, main, rename, remove);
    return line;
  }

  function drawForm(dataset) {
    const box = el("input", { type: "text", value: dataset.name, maxlength: 80, "aria-label": "Name" });
    const save = el("button", { class: "button small primary", type: "submit", text: "Save" });
    const form = el("form", { class: "dataset-form" }, box, save);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const work = () => send("PATCH", `datasets/${dataset.id}`, { name: box.value });
      change(work, "The dataset has another name.", `li[data-id="${dataset.id}"] .icon`);
    });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      refresh().then(() => panel.querySelector(`li[data-id="${dataset.id}"] .icon`)?.focus());
    });
    requestAnimationFrame(() => box.select());
    return form;
  }

  function removeOne(dataset, current) {
    const work = () => send("DELETE", `datasets/${dataset.id}`);
    const words = `${dataset.name} was removed. It can be restored below.`;
    change(work, words, ".removed summary", current ? () => goToTable("", readPlace().tab) : refreshPlace);
  }

  function drawRemoved(removed) {
    if (!removed.length) return [];
    const size = removed.reduce((sum, dataset) => sum + dataset.disk_bytes, 0);
    const summary = el("summary", { text: `Removed · ${count(removed.length)} · ${bytes(size)} on disk` });
    return [el("details", { class: "removed", open: true }, summary, el("ul", {}, ...removed.map(drawGone)))];
  }

  function drawGone(dataset) {
    const path = `datasets/${dataset.id}`;
    const restore = el("button", { class: "button small", type: "button", text: "Restore" });
    restore.setAttribute("aria-label", `Restore ${dataset.name}`);
    restore.addEventListener("click", () =>
      change(() => send("POST", `${path}/restore`), `${dataset.name} is back.`, `li[data-id="${dataset.id}"] button`),
    );
    const drop = el("button", { class: "button small", type: "button", text: "Delete" });
    drop.setAttribute("aria-label", `Delete ${dataset.name} for good`);
    drop.addEventListener("click", () => {
      if (drop.dataset.sure) return change(() => send("DELETE", `${path}/removed`), "Deleted for good.", "summary");
      drop.dataset.sure = "yes";
      drop.classList.add("danger");
      drop.textContent = "For good?";
    });
    const words = el(
      "span",
      { class: "dataset-name" },
      el("b", { text: dataset.name }),
      el("span", { class: "quiet", text: describe(dataset) }),
    );
    return el("li", { data: { id: dataset.id } }, words, restore, drop);
  }

  function choose(dataset) {
    open(false);
    button.focus();
    if (dataset.id !== chosen?.id) goToTable(dataset.id, readPlace().tab);
  }

  function say(table) {
    button.toggleAttribute("data-held", Boolean(table));
    button.toggleAttribute("data-partial", Boolean(table?.partial));
    button.querySelector("b").textContent = table ? table.name : "No table yet";
    button.querySelector(".quiet").textContent = table ? describe(table) : "";
  }

  function draw(table) {
    chosen = table;
    say(table);
  }

  const load = el("button", { type: "button", class: "dataset-name", text: "Load another …", data: { go: "load" } });
  load.addEventListener("click", () => {
    open(false);
    goTo({ tab: "load" });
  });
  panel.replaceChildren(list, told, load);
  button.addEventListener("click", () => open(panel.hidden));
  holder.addEventListener("keydown", (event) => moveInPanel(event, panel, () => (open(false), button.focus())));
  // A press, not a click: going to a place clicks Gradio's own tabs.
  document.addEventListener("pointerdown", (event) => holder.contains(event.target) || open(false));
  return { draw, say };
}

const describe = (table) =>
  [recordsOf(table), table.format, ...(table.reading ? [] : [bytes(table.bytes)])].join(" · ");

function moveInPanel(event, panel, leave) {
  if (panel.hidden) return;
  if (event.key === "Escape") leave();
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.target.matches("input")) return;
  event.preventDefault();
  const items = [...panel.querySelectorAll("button, summary")];
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
}
