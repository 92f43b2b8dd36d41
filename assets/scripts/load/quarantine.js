/* The lines of a table that did not parse: by reason, each as it stands in the source, with what can be done about it. */

import { acceptLines } from "./accept.js";
import { address, getJson } from "../api.js";
import { el } from "../dom.js";
import { drawRaw } from "./marks.js";
import { drawProblem } from "../notice.js";
import { repairLine } from "./repair.js";
import { count, counted } from "../words.js";

const PAGE = 20;
const WAIT = "They can be put right once the whole source is read.";

/** The card; `reason` is the kind that is shown ("" is all), `remember(reason)` is told of another choice, and nothing
 * can be mended where it is `fixed`. */
export async function drawQuarantine(table, { reason, remember, fixed }) {
  const path = `tables/${table.id}/quarantine`;
  let page = await getJson(path, { limit: PAGE, reason });
  if (reason && !page.total) {
    reason = "";
    remember(reason);
    page = await getJson(path, { limit: PAGE });
  }
  const body = el("tbody");
  const more = el("button", { class: "button small", type: "button" });
  const all = el("button", { class: "button small", type: "button" });
  const chips = el("div", { class: "chips", role: "group", "aria-label": "Reasons" });
  const several = table.files.length > 1;

  function add(rows) {
    body.append(...rows.map((line) => drawLine(table, line, { several, fixed, attempt })));
    const left = page.total - body.rows.length;
    more.hidden = left <= 0;
    more.textContent = `Show ${count(Math.min(left, PAGE))} more of ${count(left)}`;
    all.textContent = reason ? `Accept ${count(page.total)} as text` : "Accept all as text";
    all.hidden = fixed || (page.reasons.length > 1 && !reason);
  }

  async function choose(kind) {
    reason = kind;
    remember(kind);
    for (const chip of chips.children) chip.setAttribute("aria-pressed", chip.dataset.reason === kind);
    page = await getJson(path, { limit: PAGE, reason });
    body.replaceChildren();
    add(page.rows);
  }

  async function attempt(work) {
    try {
      await work();
    } catch (problem) {
      more.before(drawProblem(problem));
    }
  }

  chips.append(...drawChips(page.reasons, reason, (kind) => attempt(() => choose(kind))));
  more.addEventListener("click", () =>
    attempt(async () => add((await getJson(path, { offset: body.rows.length, limit: PAGE, reason })).rows)),
  );
  all.addEventListener("click", () =>
    acceptLines(table, { reason: reason || page.reasons[0].reason }, page.total),
  );
  add(page.rows);
  return drawCard(table, { chips, body, more, all, several, fixed });
}

function drawCard(table, { chips, body, more, all, several, fixed }) {
  const download = el("a", {
    class: "button small",
    href: address(`tables/${table.id}/quarantine.jsonl`),
    download: "",
    text: "Download as JSON Lines",
  });
  const head = el(
    "header",
    {},
    el("h2", { text: `${counted(table.counts.quarantined, "line")} in quarantine`, tabindex: -1 }),
    el("span", { class: "quiet", text: fixed ? WAIT : "Kept as they are; every other line was loaded." }),
    el("span", { class: "actions end" }, all, download),
  );
  const heads = [several ? "File and line" : "Line", "Reason", "Raw text"].map((text) =>
    el("th", { scope: "col", text }),
  );
  heads.push(el("th", { scope: "col" }, el("span", { class: "off-screen", text: "What to do" })));
  const lines = el("table", { class: "lines bad-lines" }, el("thead", {}, el("tr", {}, ...heads)), body);
  const scroll = el(
    "div",
    { class: "scroll-x", tabindex: 0, role: "region", "aria-label": "Quarantined lines" },
    lines,
  );
  return el("section", { class: "card", "aria-label": "Quarantine" }, head, chips, scroll, more);
}

function drawChips(reasons, chosen, choose) {
  const all = reasons.reduce((sum, { count: lines }) => sum + lines, 0);
  return [{ reason: "", count: all }, ...reasons].map(({ reason, count: lines }) =>
    el(
      "button",
      {
        class: "filter",
        type: "button",
        "aria-pressed": reason === chosen,
        data: { reason },
        on: { click: () => choose(reason) },
      },
      el("span", { text: reason || "all" }),
      el("b", { text: count(lines) }),
    ),
  );
}

function drawLine(table, line, { several, fixed, attempt }) {
  const place = several ? `${line.file} · ${count(line.line)}` : count(line.line);
  const act = (text, work) =>
    el("button", {
      class: "button small",
      type: "button",
      text,
      "aria-label": `${text}: line ${count(line.line)}`,
      on: { click: work },
    });
  const mend = () => [
    act("Repair", () => attempt(() => repairLine(table, line))),
    act("As text", () => acceptLines(table, { accept: [{ file: line.file, line: line.line }] }, 1)),
  ];
  const tooLong = el("span", { class: "quiet", text: "too long to repair here" });
  const actions = fixed ? [] : line.hash ? mend() : [tooLong];
  return el(
    "tr",
    {},
    el("td", { class: "number", text: place, title: line.file, data: several ? { file: "" } : {} }),
    el("td", { class: "reason", text: line.reason }),
    el("td", { class: "raw-cell" }, drawRaw(line.raw)),
    el("td", {}, el("span", { class: "actions" }, ...actions)),
  );
}
