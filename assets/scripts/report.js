/* What became of every line of the chosen table's source: counts, columns, and each line in quarantine. */

import { getJson } from "./api.js";
import { el } from "./dom.js";
import { drawProblem } from "./notice.js";
import { bytes, count, counted, nameOf, recordsOf } from "./words.js";

const PAGE = 50;

export function report({ element, props, watch }) {
  const box = element.querySelector("[data-report]");
  let asked = 0;

  async function show() {
    const call = ++asked;
    const id = props.value?.table;
    if (!id) {
      box.replaceChildren();
      return;
    }
    try {
      const table = await getJson(`tables/${id}`);
      const quarantine = table.counts.quarantined
        ? await getJson(`tables/${id}/quarantine`, { limit: PAGE })
        : null;
      if (call === asked)
        box.replaceChildren(drawTable(table), ...(quarantine ? [drawQuarantine(id, quarantine)] : []));
    } catch (problem) {
      if (call === asked) box.replaceChildren(drawProblem(problem));
    }
  }

  watch("value", show);
  show();
}

function drawTable(table) {
  const { read, accepted, quarantined, blank } = table.counts;
  const title = el("header", {}, el("h2", { text: table.name }));
  title.append(el("span", { class: "quiet", text: `${table.format} · ${bytes(table.bytes)}` }));
  const figures = el("dl", { class: "figures" });
  for (const [word, number, name] of [
    ["read", read, ""],
    ["accepted", accepted, "good"],
    ["quarantined", quarantined, quarantined ? "bad" : ""],
    ["blank", blank, ""],
  ])
    figures.append(el("div", { class: name }, el("dt", { text: word }), el("dd", { text: count(number) })));
  const next = el("a", {
    class: "button primary",
    href: "?tab=browse",
    data: { go: "browse" },
    text: "Browse the records",
  });
  const words = table.complete
    ? "The whole source was read."
    : `These are the ${recordsOf({ records: accepted, complete: false })}.`;
  const foot = el("footer", {}, el("span", { class: "quiet", text: words }), next);
  return el(
    "section",
    { class: "card", "aria-label": "Loaded table" },
    title,
    figures,
    drawColumns(table.columns, accepted),
    foot,
  );
}

function drawColumns(columns, all) {
  const list = el("ul", { class: "columns", "aria-label": "Columns" });
  for (const column of columns.slice(0, 60)) {
    const lacking = ["missing", "null", "empty"].filter((kind) => column[kind]);
    const words = lacking.map((kind) => `${count(column[kind])} ${kind}`).join(" · ");
    list.append(
      el(
        "li",
        {},
        el("b", { text: nameOf(column) }),
        el("span", { class: "type", text: column.type }),
        el("span", { class: "quiet", text: words }),
      ),
    );
  }
  if (columns.length > 60)
    list.append(el("li", { class: "quiet", text: `and ${count(columns.length - 60)} more columns` }));
  return all ? list : null;
}

function drawQuarantine(id, first) {
  const body = el("tbody");
  const add = (rows) => body.append(...rows.map(drawLine));
  const more = el("button", { class: "button small", type: "button" });
  const relabel = () => {
    const left = first.total - body.rows.length;
    more.hidden = left <= 0;
    more.textContent = `Show ${count(Math.min(left, PAGE))} more of ${count(left)}`;
  };
  more.addEventListener("click", async () => {
    add((await getJson(`tables/${id}/quarantine`, { offset: body.rows.length, limit: PAGE })).rows);
    relabel();
  });
  add(first.rows);
  relabel();
  const heads = ["Line", "Reason", "Raw text"].map((text) => el("th", { scope: "col", text }));
  const table = el("table", { class: "lines" }, el("thead", {}, el("tr", {}, ...heads)), body);
  const title = el("h2", { text: `${counted(first.total, "line")} in quarantine` });
  const words = "Kept as they are; every other line was loaded.";
  const head = el("header", {}, title, el("span", { class: "quiet", text: words }));
  return el(
    "section",
    { class: "card", "aria-label": "Quarantine" },
    head,
    el("div", { class: "scroll-x", tabindex: 0, role: "region", "aria-label": "Quarantined lines" }, table),
    more,
  );
}

function drawLine({ file, line, reason, raw }) {
  const cells = [el("td", { class: "number", text: count(line), title: file }), el("td", { text: reason })];
  return el("tr", {}, ...cells, el("td", {}, el("code", { class: "raw", text: raw })));
}
