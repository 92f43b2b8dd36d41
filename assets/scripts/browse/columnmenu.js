/* The menu of one column, and the list of all of them with which they are shown, hidden, pinned and put back.
 */

import { el } from "../dom.js";
import { isShown, SHOWN_AT_MOST } from "./layout.js";
import { menuItem, openPopover } from "../popover.js";
import { count, counted, nameOf } from "../words.js";

const MANY = 12; // columns from which on a search in their names helps
const LISTED = 300;

/** Opens the menu of a column at a button; `on` holds what it can do. */
export function openColumnMenu(button, column, query, on) {
  const { name } = column;
  const sorted = query.sort === name && name !== "";
  const sorts = [
    menuItem("Sort ascending", () => on.sortBy(name, false), { checked: sorted && !query.descending }),
    menuItem("Sort descending", () => on.sortBy(name, true), { checked: sorted && query.descending }),
  ];
  const items = [
    ...(name ? sorts : []),
    menuItem("Filter …", () => on.filter(column, button)),
    menuItem("Pin to the left", () => on.pin(name, !column.pinned), { checked: column.pinned }),
    menuItem("Width as at first", () => on.widen(name, null)),
    menuItem("Hide", () => on.hide(name)),
  ];
  openPopover(button, { label: `Column ${nameOf(column)}`, role: "menu", kind: "column-actions" }, ...items);
}

/** Opens the list of all columns at a button. `read()` gives the layout as it stands after every change. */
export function openColumnList(button, columns, read, on) {
  const list = el("ul", { class: "column-list" });
  const search = el("input", { type: "search", placeholder: "Find a column", "aria-label": "Find a column" });
  const words = el("p", { class: "quiet", role: "status" });

  function draw() {
    const wanted = search.value.trim().toLowerCase();
    const found = columns.filter(({ name }) => name.toLowerCase().includes(wanted));
    const layout = read();
    list.replaceChildren(...found.slice(0, LISTED).map((column) => drawLine(column, layout)));
    words.textContent = describe(columns, layout, found.length);
  }

  function drawLine(column, layout) {
    const pinned = layout.pinned.includes(column.name);
    const shown = el("input", { type: "checkbox", data: { index: column.index } });
    shown.checked = isShown(layout, column);
    const pin = el("button", {
      class: "pin",
      type: "button",
      text: "Pin",
      "aria-pressed": pinned,
      "aria-label": `Pin ${nameOf(column)} to the left`,
      data: { pin: column.index },
    });
    shown.addEventListener("change", () =>
      again(() => (shown.checked ? on.show : on.hide)(column.name), shown),
    );
    pin.addEventListener("click", () => again(() => on.pin(column.name, !pinned), pin));
    const name = el("bdi", { class: "name", text: nameOf(column), title: nameOf(column).slice(0, 500) });
    return el("li", {}, el("label", {}, shown, name, el("span", { class: "type", text: column.type })), pin);
  }

  /** Changes the layout and draws the list again, the focus where it was. */
  function again(work, focused) {
    const [key, value] =
      focused.dataset.pin === undefined ? ["index", focused.dataset.index] : ["pin", focused.dataset.pin];
    work();
    draw();
    list.querySelector(`[data-${key}="${value}"]`)?.focus();
  }

  const act = (text, work) => {
    const node = el("button", { class: "button small", type: "button", text });
    node.addEventListener("click", () => again(work, node));
    return node;
  };
  draw();
  const acts = el("div", { class: "acts" }, act("Show all", on.showAll), act("Reset", on.reset));
  const parts = columns.length > MANY ? [search, list, words, acts] : [list, words, acts];
  search.addEventListener("input", draw);
  openPopover(button, { label: "Columns", kind: "column-chooser" }, ...parts);
}

function describe(columns, layout, found) {
  const shown = columns.filter((column) => isShown(layout, column)).length;
  const most = shown > SHOWN_AT_MOST ? `, the first ${count(SHOWN_AT_MOST)} of them on the page` : "";
  const left = found > LISTED ? ` The first ${count(LISTED)} are listed.` : "";
  return `${count(shown)} of ${counted(columns.length, "column")} shown${most}.${left}`;
}

/** Fills the choice of an order, for a screen without room for headers. */
export function drawSorts(select, columns, query) {
  const choices = columns
    .filter(({ name }) => name)
    .slice(0, LISTED)
    .flatMap(({ name }, i) => [
      [`${i} up`, `${cut(name)} ↑`, name, false],
      [`${i} down`, `${cut(name)} ↓`, name, true],
    ]);
  const options = choices.map(([value, text, name, descending]) => {
    const node = el("option", { value, text, data: { name, descending } });
    node.selected = query.sort === name && query.descending === descending;
    return node;
  });
  select.replaceChildren(el("option", { value: "", text: "Table order" }), ...options);
}

const cut = (name) => (name.length > 40 ? `${name.slice(0, 40)}…` : name);
