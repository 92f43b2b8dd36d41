/* The records of a table: pages of 50, search, keyboard, and one record beside them. The page, the search and the
   record stand in the URL. Rows come from the server as data and are drawn as text; a table that grows is looked at
   again now and then, and what a person has before them stays where it is. */

import { getJson } from "./api.js";
import { drawCell } from "./cells.js";
import { debounce, el, onKeys } from "./dom.js";
import { isReading, onReadings, readingOf } from "./ingests.js";
import { drawProblem } from "./notice.js";
import { onPlace, readPlace, writePlace } from "./place.js";
import { recordPanel } from "./record.js";
import { count, nameOf, percent, recordsOf } from "./words.js";

const PAGE = 50;
const PAUSE = 2000; // ms between two looks at a table that grows
const MOST_COLUMNS = 40; // a table of thousands is read in the record, not across
const WIDE = 200; // px that a column of text needs to be read
const NARROW = 120;

export function records({ element, props, watch }) {
  const find = (selector) => element.querySelector(selector);
  const [root, body, search] = [find(".records"), find("tbody"), find("input[type=search]")];
  const panel = recordPanel(find(".record"));
  const at = { table: "", offset: 0, q: "", row: null };
  let [rows, columns, total, all] = [[], [], 0, 0];
  let [asked, looked] = [0, 0];

  async function load({ quiet = false } = {}) {
    const call = ++asked;
    looked = Date.now();
    root.classList.toggle("waiting", !quiet);
    try {
      const query = { offset: at.offset, limit: PAGE, search: at.q };
      const page = await getJson(`tables/${at.table}/rows`, query);
      if (call === asked) draw(page, quiet);
    } catch (problem) {
      const line = el("tr", {}, el("td", { colspan: 99 }, drawProblem(problem)));
      if (call === asked && !quiet) body.replaceChildren(line);
    }
    if (call === asked) root.classList.remove("waiting");
  }

  function draw(page, quiet) {
    const same = quiet && isSame(page, { rows, columns });
    ({ rows, columns, total, all } = page);
    drawHead(find("thead tr"), columns, all);
    if (!same) body.replaceChildren(...rows.map((row, i) => drawRow(row, columns, at, i)));
    find(".no-match").hidden = rows.length > 0;
    const last = Math.min(at.offset + rows.length, total);
    find("[data-range]").textContent =
      `${count(rows.length ? at.offset + 1 : 0)}–${count(last)} of ${count(total)}`;
    find("[data-act=previous]").disabled = at.offset === 0;
    find("[data-act=next]").disabled = last >= total;
    sayCount();
  }

  function sayCount() {
    const { complete = true, partial = false } = props.value ?? {};
    const reading = partial && isReading(readingOf(at.table) ?? {});
    const size = recordsOf({ records: all, complete, partial, reading });
    find("[data-count]").textContent = at.q ? `${count(total)} of ${count(all)} match` : size;
  }

  /** A table that grows: the figures follow, the page stays. One that was read anew is drawn anew. */
  function follow({ readings, ended }) {
    if (ended.some(({ id }) => id === at.table)) {
      rows = [];
      load({ quiet: true });
    }
    const grows = readings.some((body) => body.id === at.table && isReading(body));
    if (grows && element.offsetParent && Date.now() - looked > PAUSE) load({ quiet: true });
  }

  function open(row) {
    at.row = row;
    writePlace({ row });
    for (const line of body.rows) {
      const chosen = Number(line.dataset.row) === row;
      line.setAttribute("aria-selected", chosen);
      line.tabIndex = chosen ? 0 : -1;
      if (chosen) line.focus({ preventScroll: true });
      if (chosen) line.scrollIntoView({ block: "nearest" });
    }
    root.classList.add("open");
    panel.show(at.table, row, at.q);
  }

  function close() {
    if (at.row === null) return;
    const line = body.querySelector("[aria-selected=true]");
    line?.setAttribute("aria-selected", false);
    line?.focus({ preventScroll: true });
    at.row = null;
    panel.forget();
    root.classList.remove("open");
    writePlace({ row: null });
  }

  function step(by) {
    const i = rows.findIndex((row) => row.row === at.row);
    const next = rows[i < 0 ? 0 : i + by];
    if (next) open(next.row);
  }

  function turn(by) {
    const offset = at.offset + by * PAGE;
    if (offset < 0 || offset >= total) return;
    at.offset = offset;
    writePlace({ offset: offset || null }, { push: true });
    find(".scroll").scrollTop = 0;
    load();
  }

  function look() {
    Object.assign(at, { q: search.value.trim(), offset: 0 });
    writePlace({ q: at.q, offset: null });
    load();
  }

  /** Puts the view where the URL says; `afresh` when the table is another one. */
  function arrive(afresh) {
    const { offset, q, row } = readPlace();
    const moved = afresh || offset !== at.offset || q !== at.q;
    Object.assign(at, { offset, q });
    if (search.value.trim() !== q) search.value = q;
    if (!at.table) return;
    if (row === null) close();
    const ready = moved ? load() : Promise.resolve();
    if (row !== null && (afresh || row !== at.row)) ready.then(() => open(row));
  }

  function show() {
    const table = props.value?.table ?? "";
    const afresh = table !== at.table;
    at.table = table;
    if (afresh) [at.row, rows] = [null, []];
    if (afresh) root.classList.remove("open");
    arrive(afresh);
    if (!afresh) sayCount();
  }

  const acts = {
    previous: () => turn(-1),
    next: () => turn(1),
    up: () => step(-1),
    down: () => step(1),
    close,
  };
  element.addEventListener("click", (event) => {
    const act = event.target.closest("[data-act]")?.dataset.act;
    const line = event.target.closest("tbody tr[data-row]");
    if (act) acts[act]();
    else if (line && !getSelection().toString()) open(Number(line.dataset.row));
  });
  search.addEventListener("input", debounce(look, 180));
  search.addEventListener("keydown", (event) => event.key === "Escape" && search.blur());
  onKeys(element, {
    "/": () => {
      search.focus();
      search.select();
    },
    j: () => step(1),
    k: () => step(-1),
    "]": () => turn(1),
    "[": () => turn(-1),
    Enter: (event) => (event.target.matches("tr[data-row]") ? open(Number(event.target.dataset.row)) : false),
    Escape: close,
  });
  onReadings(follow);
  onPlace((place) => place.tab === "browse" && place.table === at.table && arrive(false));
  watch("value", show);
  show();
}

/** Whether a page shows what stands there already, so that nothing a person points at is drawn anew. */
function isSame(page, { rows, columns }) {
  const names = (list) => list.map(({ name, type }) => `${type} ${name}`).join("\n");
  const all = (list) => list.map(({ row }) => row).join();
  return rows.length > 0 && all(page.rows) === all(rows) && names(page.columns) === names(columns);
}

function drawHead(line, columns, all) {
  const shown = columns.slice(0, MOST_COLUMNS);
  const number = el(
    "th",
    { scope: "col", class: "row-number" },
    el("span", { text: "#", title: "Row, counted from 0" }),
  );
  line.replaceChildren(number, ...shown.map((column) => drawColumn(column, all)));
  const more = columns.length - shown.length;
  const widths = shown.map((column) => (["text", "json"].includes(column.type) ? WIDE : NARROW));
  const across = widths.reduce((sum, width) => sum + width, 60 + (more ? NARROW : 0));
  line.closest("table").style.setProperty("--across", `${across}px`);
  line
    .querySelectorAll("th[data-type]")
    .forEach((head, i) => (head.style.width = widths[i] === NARROW ? `${NARROW}px` : ""));
  if (more)
    line.append(
      el("th", { scope: "col", text: `+ ${count(more)} more`, title: "Open a record to read every column" }),
    );
}

function drawColumn(column, all) {
  const lacking = column.missing + column.null + column.empty;
  const kinds = ["missing", "null", "empty"].filter((kind) => column[kind]);
  const words =
    kinds.length === 1 ? `${percent(lacking, all)} ${kinds[0]}` : `${percent(lacking, all)} without text`;
  const detail = kinds.map((kind) => `${count(column[kind])} ${kind}`).join(" · ");
  const fill = el("i");
  fill.style.width = `${all ? (100 * (all - lacking)) / all : 0}%`;
  return el(
    "th",
    { scope: "col", data: { type: column.type } },
    el(
      "div",
      { class: "column-head" },
      el("b", { text: nameOf(column), title: column.name }),
      el("span", { class: "type", text: column.type }),
    ),
    el("div", { class: "fill", title: detail || "Every record has it" }, fill),
    el("div", { class: "share", text: lacking ? words : "in every record", title: detail }),
  );
}

function drawRow(row, columns, at, i) {
  const chosen = row.row === at.row;
  const line = el("tr", {
    tabindex: chosen || (at.row === null && i === 0) ? 0 : -1,
    "aria-selected": chosen,
    data: { row: row.row },
  });
  line.append(
    el(
      "td",
      { class: "row-number", data: { label: "row" } },
      el("span", { text: count(row.row), title: `Line ${count(row.line)}` }),
    ),
  );
  row.cells.slice(0, MOST_COLUMNS).forEach((cell, k) => {
    const { name, type } = columns[k];
    line.append(el("td", { data: { label: name, type } }, drawCell(cell, at.q)));
  });
  return line;
}
