/* What the check of all records found, as a list: what stops a launch first, each finding with its records. One calm
   line where there is nothing to say. */

import { getJson } from "../api.js";
import { el } from "../dom.js";
import { drawProblem } from "../notice.js";
import { goTo } from "../place.js";
import { NO_QUERY, writeQuery } from "../browse/query.js";
import { watchCheck } from "./check.js";
import { orderFindings, sayReport } from "./findings.js";
import { rowOf, say } from "./said.js";
import { sayProgress } from "./lengthscale.js";
import { count, counted } from "../words.js";

export function promptReport({ element }) {
  const parts = drawParts(element.querySelector(".st") ?? element);
  let [at, drawn] = [{ table: "", check: "", limit: null }, ""];

  function draw({ table, answer, limit, pending }) {
    if (at.table !== table) parts.said.textContent = "";
    at = { table, check: answer?.id ?? "", limit: limit ?? answer?.max_length ?? null };
    const known = answer?.findings && (answer.done > 0 || answer.state === "done");
    parts.root.hidden = !known;
    parts.root.ariaBusy = String(pending);
    if (!known) return;
    const { text, kind } = sayReport(answer);
    if (parts.sum.textContent !== text) parts.sum.textContent = text;
    parts.sum.className = `report-sum ${kind}`;
    parts.progress.textContent = pending ? "checking again …" : sayProgress(answer);
    drawList(orderFindings(answer.findings));
  }

  /** Draws the list anew only where it is another, so that what is open or at hand in it stays. */
  function drawList(found) {
    const spelled = JSON.stringify([at.check, found]);
    if (spelled === drawn) return;
    drawn = spelled;
    const open = new Set([...parts.list.querySelectorAll("details[open]")].map((fold) => fold.dataset.code));
    const { code, part } = document.activeElement?.dataset ?? {};
    parts.list.replaceChildren(...found.map((one) => drawFinding(one, open.has(one.code), { show, next })));
    const again = code && parts.list.querySelector(`[data-code="${code}"][data-part="${part}"]`);
    if (part) again?.focus({ preventScroll: true });
  }

  const show = ({ code }) =>
    goTo({
      ...writeQuery({ ...NO_QUERY, among: { check: at.check, finding: code, maxLength: at.limit } }),
      tab: "browse",
      row: null,
      offset: null,
    });

  async function next(finding) {
    const asked = at;
    try {
      const { row, again } = await findNext(asked, finding.code, rowOf(asked.table) ?? -1);
      if (at.check !== asked.check) return;
      if (row === null) parts.said.textContent = `No record is left with: ${finding.title}.`;
      else {
        say("studio:show-row", { row });
        parts.said.textContent = `Record ${count(row)} is shown${again ? ": from the start again" : ""}.`;
      }
    } catch (problem) {
      parts.said.replaceChildren(drawProblem(problem));
    }
  }

  watchCheck(element, draw);
}

/** The next row with a finding after one; from the start again once there is none. */
async function findNext({ table, check, limit }, code, after) {
  const path = `tables/${table}/checks/${check}/next`;
  const { row } = await getJson(path, { code, after, max_length: limit });
  if (row !== null || after < 0) return { row, again: false };
  return { ...(await getJson(path, { code, after: -1, max_length: limit })), again: true };
}

function drawParts(root) {
  const sum = el("p", { class: "report-sum", role: "status" });
  const progress = el("span", { class: "quiet" });
  const list = el("ul", { class: "findings-list", role: "list", "aria-label": "Findings" });
  const said = el("div", { class: "said", role: "status" });
  const head = el("header", {}, el("h2", { text: "Check of all records" }), progress);
  root.classList.add("card", "prompt-report");
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", "Check of all records");
  root.replaceChildren(head, sum, list, said);
  return { root, sum, progress, list, said };
}

function drawFinding(finding, open, { show, next }) {
  const { code, title, count: records, blocks, explanation } = finding;
  const stops = blocks ? el("span", { class: "badge stop", text: "stops a launch" }) : null;
  const why = el(
    "details",
    { open, data: { code } },
    el("summary", {}, title, stops),
    el("p", { text: explanation }),
  );
  const act = (part, text, label, work) =>
    el("button", {
      class: "button small",
      type: "button",
      text,
      "aria-label": `${label}: ${title}`,
      data: { code, part },
      on: { click: () => work(finding) },
    });
  return el(
    "li",
    { class: blocks ? "stops" : "" },
    why,
    el("span", { class: "number", text: counted(records, "record") }),
    el(
      "span",
      { class: "ways" },
      act("show", "Show records", "Show records", show),
      act("next", "Next", "Next record", next),
    ),
  );
}
