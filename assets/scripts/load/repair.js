/* Repairing a line in place: its whole raw text to edit, and what it would become, said while one types. */

import { getJson, post } from "../api.js";
import { drawNothing, nothingIn } from "../browse/cells.js";
import { openDialog } from "../dialog.js";
import { debounce, el } from "../dom.js";
import { noteReading } from "./ingests.js";
import { listUnseen } from "./marks.js";
import { drawProblem } from "../notice.js";
import { count, nameOf } from "../words.js";

const PAUSE = 250;
const MOST_FIELDS = 50;

/** Opens the editor on a quarantined line of the table. */
export async function repairLine(table, { file, line }) {
  const whole = await getJson(`tables/${table.id}/quarantine/line`, { file, line });
  const save = el("button", { class: "button primary", type: "button", text: "Save", disabled: true });
  const box = el("textarea", {
    id: "repair-raw",
    class: "raw-editor",
    rows: Math.min(14, 4 + Math.floor(whole.raw.length / 100)),
    spellcheck: "false",
    autocapitalize: "off",
    "aria-describedby": "repair-unseen",
  });
  const [unseen, verdict] = [
    el("p", { id: "repair-unseen", class: "quiet" }),
    el("div", { class: "verdict", role: "status", "aria-label": "What it becomes" }),
  ];
  const ends = lineEnds(whole.raw);
  box.value = whole.raw;
  const { close } = openDialog(
    `Repair line ${count(line)} of ${file}`,
    [
      el("p", { class: "quiet", text: `It did not parse: ${whole.reason}.` }),
      el("label", { for: "repair-raw", text: "Raw text" }),
      box,
      unseen,
      verdict,
    ],
    save,
  );
  const repair = () => ({ file, line, hash: whole.hash, raw: box.value.replace(/\n/g, ends) });
  let asked = 0;

  async function check() {
    const call = ++asked;
    listHidden();
    try {
      const { fields } = await post(`tables/${table.id}/repairs/check`, repair());
      if (call === asked) judge(drawFields(fields), true);
    } catch (problem) {
      if (call === asked) judge(drawProblem(problem), false);
    }
  }

  function judge(node, fits) {
    verdict.replaceChildren(node);
    save.disabled = !fits;
  }

  function listHidden() {
    const found = listUnseen(box.value);
    unseen.textContent = found.length ? `Cannot be seen here: ${found.join(", ")}.` : "";
  }

  async function keep() {
    save.disabled = true;
    try {
      const body = await post(`tables/${table.id}/repairs`, { repairs: [repair()] });
      close();
      noteReading(body);
    } catch (problem) {
      judge(drawProblem(problem), true);
    }
  }

  const checkLater = debounce(check, PAUSE);
  box.addEventListener("input", () => {
    asked += 1; // what is on its way answers an older text
    save.disabled = true;
    checkLater();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !save.disabled) keep();
  });
  save.addEventListener("click", keep);
  box.focus();
  check();
}

/** A text box knows one line end alone; one of Windows is put back where all were so. */
const lineEnds = (raw) => (raw.includes("\r\n") && !/(^|[^\r])\n/.test(raw) ? "\r\n" : "\n");

function drawFields(fields) {
  const list = el("dl", { class: "becomes" });
  for (const field of fields.slice(0, MOST_FIELDS)) {
    const nothing = nothingIn(field);
    const value = nothing ? drawNothing(nothing) : el("span", { class: field.kind, text: field.text });
    list.append(el("div", {}, el("dt", { text: nameOf(field) }), el("dd", {}, value)));
  }
  const left = fields.length - MOST_FIELDS;
  const more = left > 0 ? el("p", { class: "quiet", text: `and ${count(left)} more` }) : null;
  return el("div", { class: "notice done" }, el("b", { text: "This is a record." }), list, more);
}
