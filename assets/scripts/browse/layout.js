/* How a person has laid a table out: which columns are shown, how wide, which stay at the left, how many rows
   a page has. Kept per table in this browser. Every change gives a new layout. Columns go by their names,
   whatever those are. */

export const PAGE_SIZES = [25, 50, 100];
export const SHOWN_AT_FIRST = 40; // a table of thousands of columns is read in the record, not across
export const SHOWN_AT_MOST = 100;
export const LEAST_WIDTH = 64;
export const MOST_WIDTH = 1200;

const KEY = "studio-browse-";
const WIDE = 180; // px that a column of text needs to be read
const NARROW = 132;

export const NO_LAYOUT = Object.freeze({
  widths: new Map(),
  hidden: new Set(),
  shown: new Set(),
  pinned: Object.freeze([]),
  size: 50,
});

/** The layout that a text spells; what does not fit is as if it had not been said. */
export function readLayout(text) {
  const given = parse(text);
  const names = (list) => (Array.isArray(list) ? list.filter((name) => typeof name === "string") : []);
  const widths = Array.isArray(given.widths) ? given.widths.filter(isWidth) : [];
  return {
    widths: new Map(widths.map(([name, width]) => [name, clampWidth(width)])),
    hidden: new Set(names(given.hidden)),
    shown: new Set(names(given.shown)),
    pinned: [...new Set(names(given.pinned))],
    size: PAGE_SIZES.includes(given.size) ? given.size : NO_LAYOUT.size,
  };
}

export const spellLayout = ({ widths, hidden, shown, pinned, size }) =>
  JSON.stringify({ widths: [...widths], hidden: [...hidden], shown: [...shown], pinned, size });

const isWidth = (pair) => Array.isArray(pair) && typeof pair[0] === "string" && Number.isFinite(pair[1]);

const clampWidth = (width) => Math.round(Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, width)));

function parse(text) {
  try {
    return Object(JSON.parse(text ?? "{}"));
  } catch {
    return {};
  }
}

export const hideColumn = (layout, name) => ({
  ...layout,
  hidden: new Set(layout.hidden).add(name),
  shown: without(layout.shown, name),
  pinned: layout.pinned.filter((other) => other !== name),
});

export const showColumn = (layout, name) => ({
  ...layout,
  hidden: without(layout.hidden, name),
  shown: new Set(layout.shown).add(name),
});

/** Pins a column to the left, after those that are pinned; an unpinned one goes back to its place. */
export function pinColumn(layout, name, pinned = true) {
  const others = layout.pinned.filter((other) => other !== name);
  return pinned ? { ...showColumn(layout, name), pinned: [...others, name] } : { ...layout, pinned: others };
}

/** Gives a column a width in px; null lets it share what is left. */
export function widenColumn(layout, name, width) {
  const widths = new Map(layout.widths);
  if (width === null) widths.delete(name);
  else widths.set(name, clampWidth(width));
  return { ...layout, widths };
}

/** Every column as at first; the page keeps its size. */
export const resetLayout = ({ size }) => ({ ...NO_LAYOUT, size });

/** Shows all of the columns, or as many as go on one page. */
export const showAll = (layout, columns) => ({
  ...layout,
  hidden: new Set(),
  shown: new Set(columns.map(({ name }) => name)),
});

/** Whether a column, by its place in the table, is on the page. */
export const isShown = (layout, { name, index }) =>
  layout.pinned.includes(name) ||
  layout.shown.has(name) ||
  (index < SHOWN_AT_FIRST && !layout.hidden.has(name));

/** The columns on the page from left to right, the pinned ones first: each with its `width` in px (null
 * shares what is left), the `least` it needs and, when it is pinned, how far `left` it stays. `from` is
 * where the first one begins. */
export function arrange(columns, layout, from = 0) {
  const shown = columns.filter((column) => isShown(layout, column));
  const pinned = layout.pinned.map((name) => shown.find((column) => column.name === name)).filter(Boolean);
  const rest = shown.filter((column) => !pinned.includes(column));
  let left = from;
  return [...pinned, ...rest].slice(0, SHOWN_AT_MOST).map((column, i) => {
    const held = i < pinned.length;
    const least = layout.widths.get(column.name) ?? (isRead(column) ? WIDE : NARROW);
    const width = layout.widths.get(column.name) ?? (held || !isRead(column) ? least : null);
    const placed = { ...column, width, least, pinned: held, left: held ? left : null };
    if (held) left += least;
    return placed;
  });
}

const isRead = ({ type }) => type === "text" || type === "json";

/** The layout of a table as this browser keeps it. */
export function loadLayout(table, storage = globalThis.localStorage) {
  try {
    return readLayout(storage.getItem(KEY + table));
  } catch {
    return readLayout(null); // a browser may lend no storage
  }
}

export function saveLayout(table, layout, storage = globalThis.localStorage) {
  try {
    storage.setItem(KEY + table, spellLayout(layout));
  } catch {
    // then it holds for this page alone
  }
}

const without = (set, name) => new Set([...set].filter((other) => other !== name));
