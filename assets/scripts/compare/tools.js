/* What stands around the test records: search, order, filter, what is marked in the answers; below them the tally and the pages. */

import { debounce, el } from "../dom.js";
import { count, counted } from "../words.js";
import { FILTERS, ORDERS, PAGE } from "./query.js";
import { SHOWS } from "./texts.js";

const PAUSE = 200; // ms without a key before the server is asked
const KEPT = "studio:compare:shows";

/** What is marked in the answers, as it was chosen last. */
export function loadShows() {
  const kept = localStorage.getItem(KEPT);
  return SHOWS.some(([name]) => name === kept) ? kept : SHOWS[0][0];
}

/** `on.onAsk(changes)`, `on.onShows(name)`, `on.onUndo()` and `on.turn(by)` are what it can do. Returns {draw, drawTally, canTurn,
 * focus}. */
export function pairTools(root, on) {
  const find = (selector) => root.querySelector(selector);
  const [input, clear, order, shows] = ["find", "act=clear", "order", "shows"].map((name) => find(`[data-${name}]`));
  const [previous, next] = [find("[data-act=previous]"), find("[data-act=next]")];
  const filters = new Map(FILTERS.map(([name, text]) => [name, filterButton(name, text, () => on.onAsk({ only: name }))]));
  find("[data-only]").append(...[...filters.values()].map(({ node }) => node));
  order.append(...ORDERS.map(([value, text]) => el("option", { value, text })));
  shows.append(...SHOWS.map(([value, text]) => el("option", { value, text })));
  shows.value = loadShows();

  const ask = () => on.onAsk({ find: input.value.trim() });
  const askSoon = debounce(ask, PAUSE);
  input.addEventListener("input", () => {
    clear.hidden = !input.value;
    askSoon();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault(); // a browser would clear the box, while the search stands
    input.blur();
  });
  clear.addEventListener("click", () => {
    input.value = "";
    clear.hidden = true;
    ask();
    input.focus();
  });
  order.addEventListener("change", () => on.onAsk({ order: order.value }));
  shows.addEventListener("change", () => {
    localStorage.setItem(KEPT, shows.value);
    on.onShows(shows.value);
  });
  previous.addEventListener("click", () => on.turn(-1));
  next.addEventListener("click", () => on.turn(1));

  function draw(asked, found) {
    if (input.value.trim() !== asked.find && document.activeElement !== input) input.value = asked.find;
    clear.hidden = !input.value;
    order.value = asked.order;
    for (const [name, { input: box, number }] of filters) {
      box.checked = name === asked.only;
      number.textContent = count(found.counts[name]);
    }
    const last = asked.at + found.pairs.length;
    const of = found.total === found.records ? counted(found.records, "test record") : `${count(found.total)} records found`;
    find("[data-range]").textContent = found.total ? `${count(asked.at + 1)}–${count(last)} of ${of}` : "none found";
    enable(previous, asked.at > 0, next);
    enable(next, last < found.total, previous);
    for (const button of [previous, next]) button.hidden = found.total <= PAGE;
    drawTally(found.tally);
  }

  function drawTally({ better, worse, same, undo }) {
    const all = better + worse + same;
    filters.get("marked").number.textContent = count(all);
    const words = all ? `Your marks: ${count(better)} better · ${count(same)} same · ${count(worse)} worse` : "No mark is left";
    const back = undo ? el("button", { class: "link", type: "button", text: "Undo", title: "Key u" }) : null;
    back?.addEventListener("click", on.onUndo);
    find("[data-tally]").hidden = !all && !undo;
    find("[data-tally]").replaceChildren(el("span", { role: "status", text: words }), ...(back ? [back] : []));
  }

  return {
    draw,
    drawTally,
    canTurn: (by) => !(by > 0 ? next : previous).disabled,
    focus() {
      input.focus();
      input.select();
    },
  };
}

function filterButton(name, text, work) {
  const input = el("input", { type: "radio", name: "compare-only", value: name });
  const number = el("b", {});
  input.addEventListener("change", work);
  return { node: el("label", {}, input, el("span", {}, `${text} `, number)), input, number };
}

/** A button that can do nothing any more leaves the focus to its neighbour. */
function enable(button, able, neighbour) {
  const focused = document.activeElement === button;
  button.disabled = !able;
  if (focused && !able) neighbour.focus();
}
