/* Browse: what is asked of a table, the page of records that comes of it, and one record beside it. The
   question, the page and the record stand in the URL, the layout in this browser. A table that grows is
   looked at again now and then, and what a person has before them stays where it is. */

import { exclude, loadChanges, restore, watchChanges } from "../record/changes.js";
import { onKeys } from "../dom.js";
import { findBox } from "./find.js";
import { isReading, onReadings, readingOf } from "../load/ingests.js";
import { PAGE_SIZES } from "./layout.js";
import { drawNoRows, sayMatches } from "./norows.js";
import { findOffset, pageLoader } from "./pages.js";
import { pageFoot } from "./paging.js";
import { onPlace, readPlace, writePlace } from "../place.js";
import { askRows, isNarrowed, isSameQuery, matchOf, NO_QUERY, searchOf, writeQuery } from "./query.js";
import { qualityPanel } from "../quality/panel.js";
import { recordPanel } from "../record/record.js";
import { confirmMany, drawSelected } from "./selected.js";
import { tableBody } from "./tablebody.js";
import { tableHead } from "./tablehead.js";
import { tableKeys } from "./tablekeys.js";
import { count, recordsOf } from "../words.js";

const PAUSE = 2000; // ms between two looks at a table that grows
const NO_PAGE = { columns: [], rows: [], offset: 0, total: 0, all: 0, searched: 0, done: true };

export function records({ element, props, watch }) {
  const find = (selector) => element.querySelector(selector);
  const root = find(".records");
  const at = { table: "", offset: 0, size: 50, query: NO_QUERY };
  let [page, answered, looked] = [NO_PAGE, NO_QUERY, 0]; // the page answers that query
  let gone = ""; // why what a check found cannot be asked for

  const head = tableHead(root, { ask, relaid, page: () => body.togglePage() });
  const body = tableBody(root, { open, turn, selected: drawSelection });
  const box = findBox(root, (search, { first }) => ask({ ...at.query, ...search }, { push: first }));
  const foot = pageFoot(root, { turn, size: resize, goTo });
  const panel = recordPanel(find(".record"));
  const quality = qualityPanel(root);
  const loader = pageLoader(take, fail);

  /** Asks for something else of the table: the first page of what comes of it. */
  function ask(query, { push = true } = {}) {
    if (isSameQuery(query, at.query)) push = false;
    const moved = JSON.stringify(matchOf(query)) !== JSON.stringify(matchOf(at.query));
    Object.assign(at, { query, offset: 0 });
    writePlace({ ...writeQuery(query), offset: null }, { push });
    if (moved) body.clear();
    drawQuery();
    find(".scroll").scrollTop = 0;
    load();
  }

  function drawQuery() {
    box.show(at.query);
    head.mark(at.query);
  }

  function load({ quiet = false } = {}) {
    looked = Date.now();
    root.classList.toggle("waiting", !quiet);
    const asked = { ...askRows(at.query), offset: at.offset, limit: at.size, columns: askColumns() };
    return loader.load(at.table, asked, { quiet });
  }

  /** The columns to ask for; none are named where all are shown. At least one, for an answer names the
   * columns asked for. */
  function askColumns() {
    const indexes = head
      .shown()
      .map(({ index }) => index)
      .sort((a, b) => a - b);
    if (indexes.length === head.known()) return null;
    return indexes.join() || "0";
  }

  function take(next, { quiet }) {
    root.classList.remove("waiting");
    say("");
    gone = "";
    [page, answered] = [{ ...NO_PAGE, ...next }, at.query];
    const last = Math.floor(Math.max(0, page.total - 1) / at.size) * at.size;
    if (page.rows.length === 0 && page.done && last < at.offset) turnTo(last, { push: false });
    else drawPage({ quiet });
  }

  function drawPage({ quiet = false } = {}) {
    const columns = head.columns();
    const places = new Map(page.columns.map((column, i) => [column.index ?? i, i]));
    const cellsOf = ({ cells }) => columns.map(({ index }) => cells[places.get(index)]);
    const rows = page.rows.map((row) => ({ ...row, cells: cellsOf(row) }));
    body.draw({ rows, columns, offset: page.offset }, { quiet });
    find("table").setAttribute("aria-rowcount", page.done ? page.total + 1 : -1);
    foot.draw({ ...page, rows: rows.length, size: at.size });
    sayCount();
    drawSelection();
  }

  function fail(problem, { quiet }) {
    root.classList.remove("waiting");
    const lost = at.query.among && problem.status === 404;
    if (quiet && page.done && !lost) return;
    if (lost) [gone, page] = [problem.message, NO_PAGE];
    say(lost ? "" : `${problem.message} ${problem.hint ?? ""}`);
    if (page === NO_PAGE) drawPage();
  }

  /** What is wrong with the question, under the search box; the rows of the last one stay. */
  function say(wrong) {
    const line = find("[data-wrong]");
    if (line.textContent !== wrong) line.textContent = wrong;
    box.mark(wrong);
  }

  function sayCount() {
    const { complete = true, partial = false } = props.value ?? {};
    const reading = partial && isReading(readingOf(at.table) ?? {});
    const { all, done } = page;
    const narrowed = isNarrowed(at.query);
    const told = narrowed ? sayMatches(page) : recordsOf({ records: all, complete, partial, reading });
    const words = gone ? "" : told;
    const line = find("[data-count]");
    if (line.textContent !== words) line.textContent = words;
    const [shown, known] = [head.shown().length, head.known()];
    const leave = () => ask({ ...at.query, among: null });
    const ways = { clear: () => ask(NO_QUERY), leave, showAll: head.showAll };
    drawNoRows(
      find("[data-no-rows]"),
      { rows: page.rows.length, done, narrowed, reading, shown, known, gone },
      ways,
    );
  }

  function drawSelection() {
    const state = {
      selected: body.selection().rows.size,
      query: at.query,
      total: page.total,
      done: page.done && isSameQuery(answered, at.query),
    };
    const ways = {
      exclude: () => exclude(at.table, { rows: body.selectedRows() }),
      restore: () => restore(at.table, { rows: body.selectedRows() }),
      clear: () => body.clear(),
      excludeAll: () => confirmMany(page.total, () => exclude(at.table, { query: matchOf(at.query) })),
    };
    drawSelected(find("[data-selection]"), find("footer .keys"), state, ways);
    root.classList.toggle("selecting", state.selected > 0);
    head.markPage(body.pageState());
  }

  /** Excludes what is selected, or else the row at hand; restores it where that is what is left to do. */
  function toggleExcluded() {
    const row = body.atHand();
    const rows = body.selection().rows.size ? body.selectedRows() : row === null ? [] : [row];
    if (rows.length) (body.areExcluded(rows) ? restore : exclude)(at.table, { rows });
  }

  function open(row) {
    writePlace({ row });
    root.classList.add("open");
    body.setOpened(row);
    body.focus(row, { take: !find(".record").contains(document.activeElement) });
    panel.show(at.table, row, searchOf(at.query));
  }

  function close() {
    const row = body.opened();
    if (row === null) return;
    body.setOpened(null);
    body.focus(row);
    panel.forget();
    root.classList.remove("open");
    writePlace({ row: null });
  }

  /** Turns the page; resolves to whether there was one. */
  async function turn(by) {
    const offset = Math.max(0, at.offset + by * at.size);
    if (offset === at.offset || offset >= page.total) return false;
    await turnTo(offset);
    return true;
  }

  function turnTo(offset, { push = true } = {}) {
    at.offset = offset;
    writePlace({ offset: offset || null }, { push });
    find(".scroll").scrollTop = 0;
    return load();
  }

  function resize(size) {
    head.resize(size);
    Object.assign(at, { size, offset: Math.floor(at.offset / size) * size });
    writePlace({ size, offset: at.offset || null }, { push: true });
    load();
  }

  /** Goes to the page that a row is on and opens it. One that the question leaves out is opened beside the
   * page. */
  async function goTo(row) {
    if (row >= page.all) {
      say(`There is no row ${count(row)}: the last one is ${count(Math.max(0, page.all - 1))}.`);
      return;
    }
    const offset = await findOffset(at.table, at.query, row, page.total).catch(() => -1);
    if (offset >= 0) await turnTo(Math.floor(offset / at.size) * at.size);
    else say(`Row ${count(row)} is opened beside: it is not where this search, filter or order shows it.`);
    open(row);
  }

  /** A layout with other columns: they are drawn at once, and asked for where they have not been. */
  function relaid() {
    drawPage({ quiet: true });
    load({ quiet: true });
  }

  /** A table that grows: the figures follow, the page stays. One that was read anew is drawn anew. */
  function follow({ readings, ended }) {
    const over = ended.some(({ id }) => id === at.table);
    const grows = readings.some((one) => one.id === at.table && isReading(one));
    if (over) body.clear(); // rows may have other numbers now
    if (over || (grows && element.offsetParent && Date.now() - looked > PAUSE)) refresh({ figures: over });
  }

  /** The same again, because the records may be others. */
  async function refresh({ figures }) {
    looked = Date.now();
    await head.look({ figures }).catch(() => {});
    load({ quiet: true });
  }

  /** Puts the view where the URL says; `afresh` when the table is another one. */
  async function arrive(afresh) {
    const { offset, query, row, size: asked } = readPlace();
    const size = PAGE_SIZES.includes(asked) ? asked : head.size();
    const moved = afresh || offset !== at.offset || size !== at.size || !isSameQuery(query, at.query);
    Object.assign(at, { offset, query, size });
    if (!at.table) return;
    drawQuery();
    if (row === null) close();
    if (moved) await load();
    if (readPlace().table !== at.table) return;
    if (row !== null && (afresh || row !== body.opened())) open(row);
  }

  async function show() {
    const table = props.value?.table ?? readPlace().table; // the server's word on it may come later
    const afresh = table !== at.table;
    quality.arrive(table);
    if (!afresh) {
      arrive(false);
      sayCount();
      return;
    }
    at.table = table;
    enter();
    if (!table) return;
    loadChanges(table);
    await head.look().catch((problem) => fail(problem, {}));
    if (table === at.table) arrive(true);
  }

  function enter() {
    page = NO_PAGE;
    loader.forget();
    panel.forget();
    root.classList.remove("open");
    body.setOpened(null);
    body.clear();
    head.enter(at.table);
  }

  const acts = {
    up: () => body.move(-1),
    down: () => body.move(1),
    close,
    filter: (button) => head.addFilter(button),
    columns: () => head.openColumns(),
  };
  element.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    const line = event.target.closest("tbody tr[data-row]");
    if (event.target.closest("tbody .tick")) body.toggle(Number(line.dataset.row), { range: event.shiftKey });
    else if (button) acts[button.dataset.act]?.(button);
    else if (line && !getSelection().toString()) open(Number(line.dataset.row));
  });
  onKeys(element, tableKeys({ body, box, foot, turn, open, close, toggleExcluded, quality, table: () => at.table }));
  onReadings(follow);
  onPlace((place) => place.tab === "browse" && place.table === at.table && arrive(false));
  watchChanges(({ table, changed }) => {
    if (!changed || table !== at.table) return;
    load({ quiet: true });
    head.count();
  });
  watch("value", show);
  show();
}
