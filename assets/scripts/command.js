/* The head of a stage, and "Show the command" in it: the lines that do on a command line what the stage shows now. */

import { address, getJson } from "./api.js";
import { loadLayout } from "./browse/layout.js";
import { askRows } from "./browse/query.js";
import { askPairs } from "./compare/query.js";
import { copyButton, el } from "./dom.js";
import { drawProblem } from "./notice.js";
import { readPlace } from "./place.js";
import { openPopover } from "./popover.js";
import { wantedOf } from "./quality/wanted.js";
import { rowOf } from "./prompt/said.js";
import { chosenTokenizer, maxLengthOf } from "./prompt/tokenizer.js";

/** Starts the head of a stage. */
export function stageHead({ element }) {
  const button = element.querySelector("[data-act=command]");
  button.addEventListener("click", () => openCommand(button, readPlace()));
}

/** Opens the lines of the place below a button. */
async function openCommand(button, place) {
  const body = el("div", { class: "command-lines", tabindex: -1, "aria-live": "polite", "aria-busy": true });
  if (!openPopover(button, { label: "The command", kind: "command-panel" }, body)) return;
  body.focus({ preventScroll: true });
  try {
    const { commands } = await getJson(`tables/${place.table}/command`, askCommand(place, known(place)));
    body.replaceChildren(...drawCommands(commands, place));
  } catch (problem) {
    body.replaceChildren(drawProblem(problem));
  }
  body.ariaBusy = false;
}

/** What the page knows beyond its address. */
const known = ({ table, size, row }) => ({
  size: size ?? loadLayout(table).size,
  row: rowOf(table) ?? row ?? 0,
  tokenizer: chosenTokenizer(table),
  maxLength: maxLengthOf(table),
  wanted: wantedOf(table),
});

/** What to ask the server: the stage, and what it shows now. */
export function askCommand({ tab, query, offset, run, quality, pairs }, { size, row, tokenizer, maxLength, wanted }) {
  const length = { tokenizer, max_length: maxLength };
  if (tab === "prompt") return { stage: tab, row, ...length };
  if (tab === "compare") return { stage: tab, run, ...askPairs(pairs), by: pairs.by, limit: null };
  if (tab !== "browse") return { stage: tab };
  const { check, survey, ...rows } = askRows(query);
  const looked = quality || survey ? { quality: true, also: wanted.join() } : {};
  return { ...length, ...rows, ...looked, stage: tab, offset, limit: size };
}

function drawCommands(commands, { table }) {
  const lines = commands.map(drawCommand);
  if (commands.some(({ recipe }) => recipe)) lines.push(drawRecipe(table));
  if (!lines.length) lines.push(el("p", { class: "quiet", text: "There is nothing here yet that a line could show." }));
  return [el("h2", { text: "The same on the command line" }), ...lines];
}

function drawCommand({ title, line, notes }) {
  const code = el("code", { tabindex: 0, role: "group", "aria-label": `Command: ${title}` });
  code.append(...drawLine(line));
  const copy = copyButton(`Copy: ${title}`, () => line);
  const head = el("div", { class: "command-head" }, el("h3", { text: title }), copy);
  return el("section", {}, head, code, ...notes.map((text) => el("p", { class: "quiet", text })));
}

/** The line as it is, broken between lines anywhere but inside the name of an option. */
const drawLine = (line) =>
  line.split(/(?<= )(--[a-z-]+)/).map((part, i) => (i % 2 ? el("span", { class: "option", text: part }) : part));

function drawRecipe(table) {
  const href = address(`tables/${table}/recipe.yaml`);
  const link = el("a", { class: "button small", href, download: "recipe.yaml", text: "Download recipe.yaml" });
  const words = "Everything that was chosen is in it.";
  return el("p", { class: "command-recipe" }, link, el("span", { class: "quiet", text: words }));
}
