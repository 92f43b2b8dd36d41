/* The header of the table: each column's name (a click sorts), type, distribution, range and share of empty,
   its menu, and an edge to drag. Room is kept for the figures, so that nothing moves when they come. */

import { figuresOf } from "./bars.js";
import { makeCondition } from "./conditions.js";
import { drawDistribution } from "./distribution.js";
import { el } from "../dom.js";
import { drawTick } from "./grid.js";
import { LEAST_WIDTH, MOST_WIDTH } from "./layout.js";
import { count, nameOf } from "../words.js";

export const NUMBER_WIDTH = 60; // px of the column of row numbers
const MORE_WIDTH = 120;
const NAMED = 500; // characters of a name in a title
const STEP = 16; // px that an arrow key moves an edge
const ORDERS = { ascending: " ▲", descending: " ▼", none: "" };

/** The order of a column, in the words of `aria-sort`. */
const orderOf = ({ name }, { sort, descending }) =>
  sort !== name || !name ? "none" : descending ? "descending" : "ascending";

/** Draws the header into a table. `on` holds what a column can be told: sort, menu, bar, widen, page,
 * columns. */
export function drawHeads(table, columns, { query, more, on }) {
  const line = table.tHead.rows[0];
  const tick = drawTick("Select all records of this page", false);
  tick.addEventListener("click", () => on.page());
  const number = el(
    "th",
    { scope: "col", role: "columnheader", class: "row-number" },
    tick,
    el("span", { text: "#" }),
  );
  line.replaceChildren(number, ...columns.map((column) => drawHead(column, query, on)));
  if (more) line.append(drawMore(more, on));
  drawWidths(table, columns, more);
}

/** The widths of the columns, and how wide the table is at least. */
export function drawWidths(table, columns, more) {
  const widths = [NUMBER_WIDTH, ...columns.map(({ width }) => width), ...(more ? [MORE_WIDTH] : [])];
  const group = table.querySelector("colgroup");
  group.replaceChildren(
    ...widths.map((width) => {
      const column = el("col");
      if (width !== null) column.style.width = `${width}px`;
      return column;
    }),
  );
  const least = columns.reduce((sum, column) => sum + column.least, NUMBER_WIDTH + (more ? MORE_WIDTH : 0));
  table.style.setProperty("--across", `${least}px`);
  table.classList.toggle("exact", columns.length > 0 && columns.every(({ width }) => width !== null));
  table.classList.toggle(
    "pins",
    columns.some(({ pinned }) => pinned),
  );
  for (const { index, left } of columns.filter(({ pinned }) => pinned))
    for (const cell of table.querySelectorAll(`[data-column="${index}"]`)) cell.style.left = `${left}px`;
}

function drawHead(column, query, on) {
  const { type, index, left } = column;
  const order = orderOf(column, query);
  const node = el(
    "th",
    {
      scope: "col",
      role: "columnheader",
      class: left === null ? "" : "pinned",
      "aria-sort": order,
      data: { type, column: index },
    },
    el("span", { class: "heard", text: nameOf(column) }),
    el(
      "div",
      { class: "column-head" },
      drawName(column, order, on),
      el("span", { class: "type", text: type }),
      drawMenu(column, on),
    ),
    el("div", { class: "distribution waiting" }),
    el("div", { class: "figures-line" }),
    drawEdge(column, on),
  );
  if (left !== null) node.style.left = `${left}px`;
  return node;
}

function drawName({ name }, order, on) {
  const shown = nameOf({ name });
  const title = name ? `${shown.slice(0, NAMED)}: sort` : "A column without a name cannot be sorted by";
  const button = el(
    "button",
    { class: "sort", type: "button", title, "aria-disabled": name ? null : true, data: { sort: "" } },
    el("bdi", { text: shown }),
    el("span", { class: "order", "aria-hidden": "true", text: ORDERS[order] }),
  );
  button.addEventListener("click", () => name && on.sort(name));
  return button;
}

function drawMenu(column, on) {
  const button = el("button", {
    class: "column-menu",
    type: "button",
    text: "⋯",
    "aria-haspopup": "menu",
    "aria-expanded": false,
    "aria-label": `Menu of column ${nameOf(column)}`,
    data: { menu: "" },
  });
  button.addEventListener("click", () => on.menu(column, button));
  return button;
}

function drawMore(more, on) {
  const button = el("button", {
    class: "sort",
    type: "button",
    text: `+ ${count(more)} more`,
    title: "Choose the columns",
  });
  button.addEventListener("click", () => on.columns(button));
  return el("th", { scope: "col", role: "columnheader", class: "more-columns" }, button);
}

/** The figures of a column in its header, once they are known. */
export function drawFigures(table, stats, records, { query, on }) {
  const head = table.tHead.querySelector(`th[data-column="${stats.index}"]`);
  if (!head) return;
  const { range, share, detail, sampled } = figuresOf(stats, records);
  const [bars, line] = [head.querySelector(".distribution"), head.querySelector(".figures-line")];
  const focused = [...bars.children].indexOf(document.activeElement);
  drawDistribution(bars, stats, query.filters, on.bar);
  if (focused >= 0) bars.children[focused]?.focus();
  line.title = [sampled, detail].filter(Boolean).join(". ");
  line.replaceChildren(el("span", { text: [range, sampled && "sampled"].filter(Boolean).join(" · ") }));
  if (share) line.append(drawShare(stats, share, on));
  if (!share && stats.shape === "category" && stats.bars.length)
    line.append(el("span", { text: String(stats.bars[0].value), title: "The most frequent value" }));
}

function drawShare(stats, share, on) {
  const button = el("button", {
    class: "share",
    type: "button",
    text: share,
    "aria-label": `${nameOf(stats)}: ${share}. Filter`,
  });
  button.addEventListener("click", () => on.bar(makeCondition(stats.name, "empty")));
  return button;
}

/** The right edge of a column: dragged, or moved with the arrow keys; a double click lets it go. */
function drawEdge(column, on) {
  const edge = el("span", {
    class: "edge",
    role: "separator",
    tabindex: 0,
    "aria-orientation": "vertical",
    "aria-label": `Width of ${nameOf(column)}`,
    "aria-valuemin": LEAST_WIDTH,
    "aria-valuemax": MOST_WIDTH,
    "aria-valuenow": column.width ?? column.least,
    title: "Drag to change the width; double click to reset",
  });
  const widthNow = () => edge.parentElement.getBoundingClientRect().width;
  edge.addEventListener("pointerdown", (event) =>
    drag(event, edge, widthNow(), (width) => on.widen(column.name, width)),
  );
  edge.addEventListener("dblclick", () => on.widen(column.name, null));
  edge.addEventListener("focus", () => edge.setAttribute("aria-valuenow", Math.round(widthNow())));
  edge.addEventListener("keydown", (event) => {
    const by = { ArrowRight: STEP, ArrowLeft: -STEP }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    on.widen(column.name, widthNow() + by);
    edge.setAttribute("aria-valuenow", Math.round(widthNow()));
  });
  return edge;
}

function drag(event, edge, width, onWidth) {
  event.preventDefault();
  edge.setPointerCapture(event.pointerId);
  edge.classList.add("dragged");
  const move = ({ clientX }) => onWidth(width + clientX - event.clientX);
  const stop = () => {
    edge.classList.remove("dragged");
    edge.removeEventListener("pointermove", move);
  };
  edge.addEventListener("pointermove", move);
  edge.addEventListener("lostpointercapture", stop, { once: true });
}

/** Says another order in headers that are drawn. */
export function markOrder(head, columns, query) {
  for (const column of columns) {
    const node = head.querySelector(`th[data-column="${column.index}"]`);
    const order = orderOf(column, query);
    node?.setAttribute("aria-sort", order);
    if (node) node.querySelector(".order").textContent = ORDERS[order];
  }
}

/** Tells the cells of a column what its values are, so that categories are drawn as such. */
export function markShape(table, { index, shape }) {
  for (const cell of table.tBodies[0].querySelectorAll(`td[data-column="${index}"]`))
    cell.dataset.shape = shape;
}

/** Draws headers anew and puts the focus where it was: the same part of the same column. */
export function keepFocus(head, draw) {
  const focused = head.contains(document.activeElement) ? document.activeElement : null;
  const column = focused?.closest("th")?.dataset.column;
  const part = ["sort", "column-menu", "edge"].find((name) => focused?.classList.contains(name));
  draw();
  if (part && column !== undefined) head.querySelector(`th[data-column="${column}"] .${part}`)?.focus();
}
