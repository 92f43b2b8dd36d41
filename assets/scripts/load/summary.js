/* The card of a loaded table: the figures that add up, what was decided about its source, its files and columns. */

import { drawDecided } from "./decided.js";
import { el } from "../dom.js";
import { isReading } from "./ingests.js";
import { load } from "./loading.js";
import { bytes, count, counted, nameOf, recordsOf } from "../words.js";

const MOST_FILES = 20;
const MOST_COLUMNS = 60;

/** The card; `reading` is the table's reading, if one goes on or ended badly. */
export function drawTable(table, reading) {
  const grows = table.partial && Boolean(reading) && isReading(reading);
  const title = el("header", {}, el("h2", { text: table.name, tabindex: -1 }));
  const size = grows ? "" : ` · ${bytes(table.bytes)}`;
  title.append(el("span", { class: "quiet", text: `${table.format}${size}` }));
  const label = table.partial ? (grows ? "reading …" : "partial") : table.complete ? "" : "part of a stream";
  title.append(el("span", { class: "label end", text: label }));
  return el(
    "section",
    { class: "card", "aria-label": "Loaded table" },
    title,
    drawFigures(table),
    drawDecided(table),
    drawSplits(table.splits),
    drawFiles(table.files),
    drawColumns(table),
    drawFoot(table, reading, grows),
  );
}

function drawFigures({ counts, repaired }) {
  const figures = el("dl", { class: "figures sum" });
  const { read, accepted, quarantined, blank } = counts;
  for (const [word, number, name, sign] of [
    ["read", read, "", "="],
    ["accepted", accepted, "good", "+"],
    ["quarantined", quarantined, quarantined ? "bad" : "", "+"],
    ["blank", blank, "", ""],
  ]) {
    const value = el("dd", { text: count(number) });
    if (name === "good" && repaired)
      value.append(el("small", { text: `${count(repaired)} of them repaired` }));
    figures.append(el("div", { class: name, data: { sign } }, el("dt", { text: word }), value));
  }
  return figures;
}

function drawSplits(splits) {
  if (!splits.length) return null;
  const list = el("ul", { class: "columns", "aria-label": "Source splits" });
  for (const { name, records } of splits)
    list.append(
      el("li", {}, el("b", { text: name }), el("span", { class: "quiet", text: counted(records, "record") })),
    );
  return list;
}

function drawFiles(files) {
  if (files.length < 2) return null;
  const splits = files.some(({ split }) => split);
  const heads = ["File", ...(splits ? ["Split"] : []), "Records", "Size"];
  const rows = files.slice(0, MOST_FILES).map((file) => drawFile(file, splits));
  const table = el(
    "table",
    { class: "lines" },
    el("thead", {}, el("tr", {}, ...heads.map((text) => el("th", { scope: "col", text })))),
    el("tbody", {}, ...rows),
  );
  const left = files.length - rows.length;
  const more = left > 0 ? el("p", { class: "quiet more", text: `and ${counted(left, "more file")}` }) : null;
  const region = { class: "scroll-x", tabindex: 0, role: "region", "aria-label": "Files of the source" };
  const box = el("div", region, table);
  return el("details", { class: "files" }, el("summary", { text: counted(files.length, "file") }), box, more);
}

function drawFile({ name, split, bytes: size, records }, splits) {
  return el(
    "tr",
    {},
    el("td", {}, el("code", { text: name })),
    splits ? el("td", { text: split ?? "" }) : null,
    el("td", { class: "number", text: count(records) }),
    el("td", { class: "number", text: size == null ? "–" : bytes(size) }),
  );
}

function drawColumns({ columns, counts }) {
  if (!counts.accepted) return null;
  const list = el("ul", { class: "columns", "aria-label": "Columns" });
  for (const column of columns.slice(0, MOST_COLUMNS)) list.append(drawColumn(column));
  const left = columns.length - MOST_COLUMNS;
  if (left > 0) list.append(el("li", { class: "quiet", text: `and ${counted(left, "more column")}` }));
  return list;
}

function drawColumn(column) {
  const type = column.source_type ? `${column.type} ← ${column.source_type}` : column.type;
  const lacking = ["missing", "null", "empty"].filter((kind) => column[kind]);
  const words = lacking.map((kind) => `${count(column[kind])} ${kind}`).join(" · ");
  return el(
    "li",
    {},
    el("b", { text: nameOf(column) }),
    el("span", { class: "type", text: type }),
    el("span", { class: "quiet", text: words }),
  );
}

function drawFoot(table, reading, grows) {
  const next = el("a", {
    class: "button primary",
    href: "?tab=browse",
    data: { go: "browse" },
    text: "Browse the records",
  });
  const words = el("span", { class: "quiet", text: describeEnd(table, grows) });
  return el("footer", {}, words, el("span", { class: "actions end" }, drawMore(table, reading), next));
}

function describeEnd(table, grows) {
  if (grows) return "The rest is being read; these are its first records.";
  if (table.partial) return "Partial: the reading ended before the source did.";
  if (table.complete) return "The whole source was read.";
  const each = table.source.split === "all" ? ", of each split" : "";
  return `These are the ${recordsOf({ records: table.counts.accepted, complete: false })}${each}.`;
}

/** What reads the rest of a source, unless the card of its reading offers that. */
function drawMore(table, reading) {
  if (table.complete || reading) return null;
  const [text, options] = table.partial ? ["Read it again", {}] : ["Load all", { first: "all" }];
  const button = el("button", { class: "button", type: "button", text });
  button.addEventListener("click", async () => {
    button.disabled = true;
    await load({ again: table.id, options }, table.name);
    button.disabled = false;
  });
  return button;
}
