/* The record beside the table: where it stands in the source, its fields, what is worth a look in it, the prompt that
   comes of it, and its raw line. */

import { getJson } from "../api.js";
import { changesBar } from "./changesbar.js";
import { exclude, restore, watchChanges } from "./changes.js";
import { el } from "../dom.js";
import { draftsElsewhere, dropDraft, hasDrafts } from "./drafts.js";
import { fieldOf } from "./field.js";
import { findInRecord } from "./findings.js";
import { drawNotice, drawProblem } from "../notice.js";
import { goTo } from "../place.js";
import { rawFold } from "../load/raw.js";
import { chosenTokenizer } from "../prompt/tokenizer.js";
import { drawPanel } from "./recordpanel.js";
import { renderedPrompt } from "./rendered.js";
import { count, nameOf } from "../words.js";

const [LOOKS, PAUSE] = [10, 1000]; // how often a tokenizer that is being made ready is asked, ms between
const OVERLAY = matchMedia("(max-width: 1100px)");

/** Draws records into `panel`; a later call wins over an earlier one. `onExclude(row, excluded)` is asked for the button
 * of the head, if given. */
export function recordPanel(panel, { onExclude } = {}) {
  const parts = drawPanel(panel, { toggle });
  const at = { table: "", row: null, query: {} };
  let [asked, record, fields, rendered, remarks] = [0, null, [], null, []];

  /** Opens a record; `query` {search, case, word, regex} is what to mark in it. */
  async function show(table, row, query = {}) {
    const same = record && table === at.table && row === at.row;
    Object.assign(at, { table, row, query });
    parts.title.textContent = `Record ${count(row)}`;
    if (!same) record = null;
    if (OVERLAY.matches && !panel.contains(document.activeElement)) parts.title.focus();
    await load();
  }

  async function load() {
    const call = ++asked;
    const path = `tables/${at.table}/records/${at.row}`;
    const example = getJson(`${path}/example`).catch(({ message, hint }) => ({ problem: { message, hint } }));
    try {
      const answer = await fetchRecord(path, at.query);
      if (call !== asked) return;
      draw(answer);
      example.then((known) => call === asked && drawRest(known));
      sayTokens(path, () => call === asked);
    } catch (problem) {
      if (call === asked) fail(problem);
    }
  }

  async function sayTokens(path, isWanted) {
    if (!record.cells.some(({ type, kind }) => type === "text" && kind === "text")) return;
    const counts = await countTokens(at.table, path, isWanted);
    if (isWanted()) record.cells.forEach(({ index }, i) => fields[i].count(counts.get(index)));
  }

  function fail(problem) {
    record = null;
    parts.fields.replaceChildren(drawProblem(problem));
  }

  function draw(answer) {
    const fresh = !record || answer.cells.length !== fields.length;
    record = answer;
    parts.place.textContent = `line ${count(record.line)} of ${record.file}`;
    parts.place.title = record.file;
    parts.sayExcluded(record.excluded);
    if (fresh) layFields();
    record.cells.forEach((cell, i) => fields[i].draw(cell));
    drawNotices();
  }

  function layFields() {
    const ways = { say: parts.say, reload: load };
    const { table, row } = at;
    remarks = [];
    fields = record.cells.map(() => fieldOf({ table, row }, ways));
    rendered = renderedPrompt();
    const notices = el("div", { class: "record-notices" });
    const elements = fields.map(({ element }) => element);
    parts.fields.replaceChildren(notices, ...elements, rendered.element, rawFold(table, row));
    parts.fields.scrollTop = 0;
  }

  function drawRest(example) {
    rendered.draw(example, at.row);
    remarks = example.remarks ?? [];
    drawNotices();
  }

  function drawNotices() {
    const notices = [
      record.excluded ? drawExcluded() : null,
      ...draftsElsewhere(at.table, at.row).map((draft) => drawUnsaved(draft, drawNotices)),
      drawFindings(findInRecord(record.cells, remarks), parts.fields.querySelector(".findings")?.open),
    ];
    parts.fields.querySelector(".record-notices").replaceChildren(...notices.filter(Boolean));
  }

  async function toggle() {
    if (!record) return;
    if (onExclude) onExclude(at.row, record.excluded);
    else await (record.excluded ? restore : exclude)(at.table, { rows: [at.row] });
  }

  watchChanges(({ table, changed }) => {
    if (changed && at.row !== null && table === at.table) load();
  });
  addEventListener("beforeunload", (event) => hasDrafts() && event.preventDefault());
  changesBar(panel.closest(".records")?.querySelector("[data-changes]"));

  function forget() {
    asked += 1;
    at.row = null;
    record = null;
  }

  return { show, forget };
}

/** The record, with the hits of the search; without them where the search is none yet, such as half a pattern. */
async function fetchRecord(path, query) {
  if (!query.search) return getJson(path);
  return getJson(path, query).catch((problem) => {
    if (problem.status !== 400 && problem.status !== 422) throw problem;
    return getJson(path);
  });
}

/** The tokens of each text column, by its index; of none where no tokenizer was chosen, or it cannot be had. One that is
 * being made ready is waited for as long as `isWanted()`. */
async function countTokens(table, path, isWanted) {
  const tokenizer = chosenTokenizer(table);
  for (let looks = 0; tokenizer && looks < LOOKS && isWanted(); looks += 1) {
    const counts = await getJson(`${path}/counts`, { tokenizer }).catch(() => null);
    if (!counts) break;
    if (counts.length) return new Map(counts.map(({ index, tokens }) => [index, tokens]));
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  return new Map();
}

const drawExcluded = () =>
  drawNotice({
    kind: "info",
    message: "This record is excluded.",
    hint: "Every later stage leaves it out; the source is not touched.",
  });

function drawUnsaved({ table, row, column }, redraw) {
  const act = (text, work) =>
    el("button", { class: "button small", type: "button", text, on: { click: work } });
  const drop = () => {
    dropDraft(table, row, column);
    redraw();
  };
  return drawNotice(
    { kind: "info", message: `Not saved: ${nameOf({ name: column })} of record ${count(row)}.`, hint: "" },
    act("Go back to it", () => goTo({ row })),
    act("Discard", drop),
  );
}

function drawFindings(found, open = false) {
  if (!found.length) return null;
  const names = [...new Set(found.map(({ column }) => column))].join(", ");
  const lines = found.map(({ column, words }) =>
    el("li", {}, el("code", { dir: "auto", text: column }), ` ${words}`),
  );
  const head = el(
    "summary",
    {},
    el("b", { text: found.length === 1 ? "1 finding" : `${count(found.length)} findings` }),
    el("span", { class: "quiet", dir: "auto", text: names }),
  );
  const hint = el("p", { class: "quiet", text: "Heuristics: each may be right as it is." });
  return el("details", { class: "findings", open }, head, el("ul", {}, ...lines), hint);
}
