/* The columns of the table as a person sees them: which there are, how they are laid out, their figures, and
   what the header and the menus of columns can do. */

import { getJson } from "../api.js";
import { drawSorts, openColumnList, openColumnMenu } from "./columnmenu.js";
import { withBar } from "./conditions.js";
import { debounce } from "../dom.js";
import { drawChips, openFilter } from "./filters.js";
import {
  drawFigures,
  drawHeads,
  drawWidths,
  keepFocus,
  markOrder,
  markShape,
  NUMBER_WIDTH,
} from "./heads.js";
import * as layouts from "./layout.js";
import { NO_QUERY, turnSort } from "./query.js";
import { watchStats } from "./stats.js";

const SAVING = 200; // ms after the last move of an edge

/** `ask(query)` asks anew; `relaid()` is called when other columns are to be shown; `page()` selects the
 * page. */
export function tableHead(root, { ask, relaid, page }) {
  const grid = root.querySelector("table");
  const [chips, sorts] = [root.querySelector("[data-filters]"), root.querySelector("[data-sort]")];
  const stats = watchStats((figures, records) => drawStats({ stats: figures, records }));
  let [table, columns, shown] = ["", [], []];
  let [layout, query] = [layouts.NO_LAYOUT, NO_QUERY];

  const on = {
    page,
    sort: (name) => ask(turnSort(query, name)),
    sortBy: (name, descending) => ask({ ...query, sort: name, descending }),
    bar: (condition) => ask({ ...query, filters: withBar(query.filters, condition) }),
    menu: (column, button) => openColumnMenu(button, column, query, on),
    columns: () => openColumnList(root.querySelector("[data-act=columns]"), columns, () => layout, on),
    filter: (column, button) => addFilter(button, { column: column.name }),
    widen,
    pin: (name, pinned) => relay(layouts.pinColumn(layout, name, pinned)),
    hide: (name) => relay(layouts.hideColumn(layout, name)),
    show: (name) => relay(layouts.showColumn(layout, name)),
    showAll: () => relay(layouts.showAll(layout, columns)),
    reset: () => relay(layouts.resetLayout(layout)),
    remove: (i) => ask({ ...query, filters: query.filters.toSpliced(i, 1) }),
    change: (i, button) => changeFilter(i, button),
    leave: () => ask({ ...query, among: null }),
    clear: () => ask({ ...query, filters: [], among: null }),
  };

  const save = () => layouts.saveLayout(table, layout);
  const saveSoon = debounce(save, SAVING);
  const statsOf = (index) => stats.of(index);
  /** A column that says its shape as soon as that is known, maybe a little later than the rows. */
  const withShape = (column) => ({
    ...column,
    get shape() {
      return statsOf(column.index)?.shape ?? "";
    },
  });

  /** Goes to another table: its layout is what it was, its columns are not known yet. */
  function enter(id) {
    [table, columns, shown, layout] = [id, [], [], layouts.loadLayout(id)];
    stats.forget();
    draw();
  }

  /** Asks for the columns of the table, and for `figures` of those that are shown. */
  async function look({ figures = true } = {}) {
    const asked = table;
    const described = await getJson(`tables/${asked}`);
    if (asked !== table) return;
    const named = described.columns.map(({ name, type }, index) => ({ name, type, index }));
    const others = JSON.stringify(named) !== JSON.stringify(columns);
    if (others) {
      columns = named;
      draw();
    }
    if (others || figures) count();
  }

  /** Asks for the figures anew, because the records have changed. */
  const count = () =>
    stats.look(
      table,
      shown.map(({ index }) => index),
    );

  function draw() {
    shown = layouts.arrange(columns, layout, NUMBER_WIDTH);
    const more = columns.length - shown.length;
    keepFocus(grid.tHead, () => drawHeads(grid, shown, { query, more, on }));
    stats.all().forEach(drawStats);
    drawSorts(sorts, columns, query);
  }

  function drawStats({ stats: figures, records }) {
    drawFigures(grid, figures, records, { query, on });
    markShape(grid, figures);
  }

  function relay(next) {
    layout = next;
    save();
    draw();
    relaid();
    count();
  }

  function widen(name, width) {
    layout = layouts.widenColumn(layout, name, width);
    saveSoon();
    shown = layouts.arrange(columns, layout, NUMBER_WIDTH);
    drawWidths(grid, shown, columns.length - shown.length);
  }

  /** Shows another question: its order, its filters, and the bars that stand for them. */
  function mark(next) {
    const others = JSON.stringify(next.filters) !== JSON.stringify(query.filters);
    query = next;
    markOrder(grid.tHead, shown, query);
    drawChips(chips, query, on);
    drawSorts(sorts, columns, query);
    if (others) stats.all().forEach(drawStats);
  }

  function addFilter(button, given = {}) {
    const onDone = (condition) => ask({ ...query, filters: [...query.filters, condition] });
    if (columns.length) openFilter(button, { columns, given, statsOf, onDone });
  }

  function changeFilter(i, button) {
    const onDone = (condition) => ask({ ...query, filters: query.filters.with(i, condition) });
    openFilter(button, { columns, given: query.filters[i], statsOf, onDone });
  }

  function resize(size) {
    layout = { ...layout, size };
    save();
  }

  sorts.addEventListener("change", () => {
    const { name = "", descending } = sorts.selectedOptions[0].dataset;
    ask({ ...query, sort: name, descending: descending === "true" });
  });
  return {
    enter,
    look,
    count,
    mark,
    resize,
    addFilter,
    openColumns: on.columns,
    showAll: on.showAll,
    columns: () => shown.map(withShape),
    markPage: (state) => grid.tHead.querySelector(".tick")?.setAttribute("aria-checked", state),
    shown: () => shown,
    known: () => columns.length,
    size: () => layout.size,
  };
}
