/* The record at hand as the template renders it: its raw fields beside it, which text came from which column, and
   another template beside it to compare. */

import { getJson } from "../api.js";
import { comparison } from "./compare.js";
import { rawRecord } from "./raw.js";
import { segments } from "./segments.js";
import { drawParts } from "./text.js";
import { maxLengthOf } from "./tokenizer.js";
import { goToRow, look, onWork, work } from "./work.js";
import { el } from "../dom.js";
import { drawNotice, drawProblem } from "../notice.js";
import { count, counted } from "../words.js";

const LEGEND = {
  "prompt-completion": [
    ["is-prompt", "Prompt: given"],
    ["is-completion", "Completion: learned"],
  ],
  messages: [
    ["is-prompt", "What others say"],
    ["is-completion", "What the assistant says"],
  ],
  text: [],
};

export function promptPreview({ element }) {
  const find = (selector) => element.querySelector(selector);
  const [versions, input, root] = [
    find("[data-versions]"),
    find("input[type=number]"),
    element.firstElementChild,
  ];
  const text = el("div", { class: "example", tabindex: 0, role: "region", "aria-label": "Rendered example" });
  const version = el("div", { class: "version" }, el("h3", { text: "This template", hidden: true }), text);
  let [check, drawn, lit] = [{ table: "", check: "" }, "", null];
  versions.append(version);

  const raw = rawRecord(find("[data-record]"), () => light(lit));
  const other = comparison(find("[data-compare]"), versions, (shown) => {
    version.firstElementChild.hidden = !shown;
    root.classList.toggle("comparing", shown);
  });
  const shows = segments(find("[data-switch]"), [["text", "Text"], ["tokens", "Tokens"]], showAs); // prettier-ignore
  shows.choose("text");

  /** Text or tokens: the view of the tokens is another, in the same card. */
  function showAs(what) {
    document.getElementById("preview-card").dataset.shows = what;
    look(); // who shows tokens is told once more
  }

  function draw() {
    const { preview, problem } = work;
    if (!preview) return;
    if (document.activeElement !== input) input.value = preview.row;
    input.max = Math.max(0, preview.total - 1);
    find("[data-act=previous]").disabled = preview.row <= 0;
    find("[data-act=next]").disabled = preview.row >= preview.total - 1;
    drawProblems(problem);
    find("[data-type]").textContent = [preview.type === "text" ? "one text" : "", preview.changes]
      .filter(Boolean)
      .join(" · ");
    root.classList.toggle("stale", Boolean(problem));
    drawText(preview, problem);
    raw.show(work.table, preview.row);
    showNext();
    other.draw();
  }

  function drawText(preview, problem) {
    const now = JSON.stringify(preview);
    if (now === drawn || (problem && !preview.parts.length && drawn)) return;
    drawn = now;
    text.replaceChildren(...drawParts(preview.parts));
    find("[data-legend]").replaceChildren(...(LEGEND[preview.type] ?? []).map(drawMark));
    find("[data-remarks]").replaceChildren(...drawRemarks(preview));
    light(lit);
  }

  /** A fault with a place stands at that place, in the editor. */
  function drawProblems(problem) {
    const box = find("[data-problem]");
    const placed = problem?.position != null;
    const stays = {
      kind: "info",
      message: "The template has a fault.",
      hint: "This is what it gave before.",
    };
    const notice = problem && (placed ? drawNotice(stays) : drawNotice({ kind: "error", ...problem }));
    if (box.textContent !== (notice?.textContent ?? "")) box.replaceChildren(...(notice ? [notice] : []));
  }

  /** Lights all that came from a column, here, beside it and in the record. */
  function light(column) {
    lit = column;
    for (const node of element.querySelectorAll("[data-column]"))
      node.classList.toggle("lit", column !== null && node.dataset.column === column);
    find("[data-from]").textContent = column === null ? "" : `from column ${column || '""'}`;
  }

  const columnOf = ({ target }) => target.closest?.("[data-column]")?.dataset.column ?? null;
  const body = find("[data-body]");
  for (const event of ["pointerover", "focusin"]) body.addEventListener(event, (now) => light(columnOf(now)));
  body.addEventListener("pointerleave", () => light(null));
  body.addEventListener("focusout", () => light(null));

  const showNext = () => (find("[data-act=finding]").hidden = check.table !== work.table);

  async function nextFinding() {
    const path = `tables/${work.table}/checks/${check.check}/next`;
    const asked = { code: "any", max_length: maxLengthOf(work.table) ?? work.known.max_length };
    try {
      let { row } = await getJson(path, { ...asked, after: work.row });
      if (row === null) ({ row } = await getJson(path, { ...asked, after: -1 }));
      if (row === null) find("[data-from]").textContent = "No finding, as far as the check has come.";
      else goToRow(row);
    } catch (problem) {
      find("[data-problem]").replaceChildren(drawProblem(problem));
    }
  }

  find("[data-act=previous]").addEventListener("click", () => goToRow(work.row - 1));
  find("[data-act=next]").addEventListener("click", () => goToRow(work.row + 1));
  find("[data-act=finding]").addEventListener("click", nextFinding);
  input.addEventListener("change", () => goToRow(Number(input.value)));
  document.addEventListener("studio:check", ({ detail }) => {
    check = detail;
    showNext();
  });
  onWork("preview", draw);
}

const drawMark = ([name, words]) => el("span", { class: name }, el("i"), words);

function drawRemarks(preview) {
  const remarks = preview.remarks.map(({ column, kind, records }) => {
    const without = `${counted(records, "record")} of ${count(preview.total)} without text`;
    const words = ` is ${kind} here: nothing stands in its place (${without})`;
    return el("li", {}, el("code", { text: column }), words);
  });
  if (preview.excluded)
    remarks.unshift(el("li", { text: "This record is excluded: exports and training leave it out." }));
  if (preview.cut)
    remarks.push(el("li", { text: "Only the beginning is shown; exports and training have all of it." }));
  return remarks;
}
