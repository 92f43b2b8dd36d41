/* The conditions on columns and what a check found: a chip for each, and the form that makes or changes a
   condition. */

import { describeAmong } from "./among.js";
import { describeCondition, makeCondition, TESTS } from "./conditions.js";
import { el } from "../dom.js";
import { openPopover } from "../popover.js";
import { nameOf } from "../words.js";

const NAME = 80; // characters of a column's name in a list

/** Draws the chips of a query into `box`. `on.remove(i)`, `on.change(i, button)`, `on.leave()` (what a check found)
 * and `on.clear()` are what they can do. */
export function drawChips(box, { filters, among }, on) {
  const focused = box.contains(document.activeElement);
  const clear = el("button", {
    class: "button small",
    type: "button",
    text: "Clear all",
    on: { click: on.clear },
  });
  const chips = filters.map((condition, i) => drawChip(condition, i, on));
  if (among) chips.unshift(drawAmong(among, on));
  box.hidden = chips.length === 0;
  box.replaceChildren(...chips);
  if (chips.length > 1) box.append(clear);
  if (focused) box.querySelector("button")?.focus();
}

function drawChip(condition, i, on) {
  const words = describeCondition(condition);
  const change = el(
    "button",
    { class: "words", type: "button", title: "Change this filter" },
    el("bdi", { text: words }),
  );
  change.addEventListener("click", () => on.change(i, change));
  return el("span", { class: "condition" }, change, removeButton(words, () => on.remove(i)));
}

function drawAmong(among, on) {
  const words = describeAmong(among);
  const told = el("span", { class: "words", text: words });
  return el("span", { class: "condition" }, told, removeButton(words, on.leave));
}

const removeButton = (words, work) =>
  el("button", {
    class: "remove",
    type: "button",
    text: "✕",
    "aria-label": `Remove filter: ${words}`,
    on: { click: work },
  });

/** Opens the form at a button; `given` is the condition to begin with, `statsOf(index)` knows the values of a
 * column. */
export function openFilter(button, { columns, given, statsOf, onDone }) {
  const form = filterForm(columns, given, statsOf);
  const opened = openPopover(
    button,
    { label: given?.is ? "Change filter" : "Add filter", kind: "filter-form" },
    form.node,
  );
  if (!opened) return;
  form.node.addEventListener("submit", (event) => {
    event.preventDefault();
    const condition = form.read();
    if (!condition) return;
    opened.close();
    onDone(condition);
  });
}

function filterForm(columns, given, statsOf) {
  const column = select(
    "Column",
    columns.map((one, i) => [i, shortName(one)]),
  );
  const test = select(
    "Condition",
    Object.entries(TESTS).map(([is, { label }]) => [is, label]),
  );
  const not = el("input", { type: "checkbox" });
  const [values, wrong] = [el("div", { class: "values" }), el("p", { class: "wrong", role: "alert" })];
  let field = null;

  const chosen = () => columns[Number(column.value)];

  function drawValue(value) {
    const kind = TESTS[test.value].value;
    const stats = statsOf(chosen().index);
    field = FIELDS[kind]({ value, stats, test: test.value });
    values.replaceChildren(...field.nodes);
  }

  function read() {
    const [value, problem] = field.read();
    wrong.textContent = problem ?? "";
    return problem ? null : makeCondition(chosen().name, test.value, value, not.checked);
  }

  const asked = given?.column === undefined ? 0 : columns.findIndex(({ name }) => name === given.column);
  column.value = String(Math.max(0, asked));
  test.value = given?.is ?? firstTest(chosen());
  not.checked = given?.not ?? false;
  column.addEventListener("change", () => drawValue(null));
  test.addEventListener("change", () => drawValue(null));
  drawValue(given?.value ?? null);
  const done = el("button", {
    class: "button small primary",
    type: "submit",
    text: given?.is ? "Change" : "Add",
  });
  const node = el(
    "form",
    {},
    labelled("Column", column),
    labelled("Condition", test),
    values,
    el("label", { class: "check" }, not, el("span", { text: "Not: those for which this does not hold" })),
    wrong,
    done,
  );
  return { node, read };
}

const shortName = (column) =>
  nameOf(column).length > NAME ? `${nameOf(column).slice(0, NAME)}…` : nameOf(column);

const firstTest = ({ type }) =>
  ({ integer: "number", float: "number", boolean: "equals" })[type] ?? "contains";

const FIELDS = {
  none: () => ({ nodes: [], read: () => [null] }),
  text: textField,
  range: rangeField,
  list: listField,
};

function textField({ value, test }) {
  const input = el("textarea", { rows: 2, spellcheck: "false" });
  input.value = value ?? "";
  const read = () => (input.value === "" && test === "contains" ? [null, "Say which text."] : [input.value]);
  return { nodes: [labelled("Text", input)], read };
}

function rangeField({ value, test }) {
  const [low, high] = ["From", "to"].map((label) =>
    el("input", { type: "number", step: "any", "aria-label": label }),
  );
  [low.value, high.value] = (value ?? [null, null]).map((bound) => bound ?? "");
  const unit = test === "length" ? "characters" : "";
  const words = [el("span", { text: "to" }), el("span", { text: unit })];
  function read() {
    const bounds = [low, high].map((input) => (input.value === "" ? null : Number(input.value)));
    if (bounds.every((bound) => bound === null)) return [null, "Say from where or to where."];
    if (bounds.every((bound) => bound !== null) && bounds[0] > bounds[1])
      return [null, "The first number is above the second."];
    return [bounds];
  }
  return { nodes: [el("div", { class: "range" }, low, words[0], high, words[1])], read };
}

/** Values to tick where the column has few, and a box for any others, one a line. */
function listField({ value, stats }) {
  const common = ["category", "boolean"].includes(stats?.shape)
    ? stats.bars.map((bar) => String(bar.value))
    : [];
  const ticks = common.map((text) => {
    const input = el("input", { type: "checkbox", value: text });
    input.checked = (value ?? []).includes(text);
    return el("label", { class: "check" }, input, el("bdi", { text: text || '""' }));
  });
  const others = el("textarea", { rows: 2, spellcheck: "false" });
  others.value = (value ?? []).filter((text) => !common.includes(text)).join("\n");
  function read() {
    const ticked = common.filter((_, i) => ticks[i].querySelector("input").checked);
    const list = [...ticked, ...others.value.split("\n").filter((text) => text !== "")];
    return list.length ? [[...new Set(list)]] : [null, "Say which values."];
  }
  return {
    nodes: [...ticks, labelled(common.length ? "Others, one a line" : "Values, one a line", others)],
    read,
  };
}

const labelled = (text, control) => el("label", { class: "choice-of" }, el("span", { text }), control);

const select = (label, choices) =>
  el("select", { "aria-label": label }, ...choices.map(([value, text]) => el("option", { value, text })));
