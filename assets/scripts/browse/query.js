/* What a person asks of a table: a search, conditions, what a check found, an order. How it stands in the page's
   address (q, case, word, regex, f, check, survey, finding, tokens, max_length, sort, desc) and in a request.
   Knows nothing of the page. */

import { bodyOf, readAmong, writeAmong } from "./among.js";
import { readCondition } from "./conditions.js";

export const NO_QUERY = Object.freeze({
  search: "",
  case: false,
  word: false,
  regex: false,
  filters: Object.freeze([]),
  among: null,
  sort: "",
  descending: false,
});

const OPTIONS = ["case", "word", "regex"];

/** The query in an address's parameters; what is no condition is left out. */
export function readQuery(params) {
  const options = OPTIONS.map((name) => [name, params.get(name) === "1"]);
  return {
    ...NO_QUERY,
    search: params.get("q") ?? "",
    ...Object.fromEntries(options),
    filters: params.getAll("f").map(readSpelled).filter(Boolean),
    among: readAmong(params),
    sort: params.get("sort") ?? "",
    descending: Boolean(params.get("sort")) && params.get("desc") === "1",
  };
}

/** The query as the keys of an address; null takes a key away. */
export function writeQuery(query) {
  const options = OPTIONS.map((name) => [name, query[name] ? "1" : null]);
  return {
    q: query.search || null,
    ...Object.fromEntries(options),
    f: query.filters.map((condition) => JSON.stringify(condition)),
    ...writeAmong(query.among),
    sort: query.sort || null,
    desc: query.sort && query.descending ? "1" : null,
  };
}

/** The query as parameters of `/rows` and `/search`. */
export function askRows(query) {
  return {
    ...askSearch(query),
    filter: query.filters.map((condition) => JSON.stringify(condition)),
    ...writeAmong(query.among),
    sort: query.sort || null,
    descending: query.sort && query.descending ? true : null,
  };
}

/** The search alone as parameters; its options say nothing without a text. */
export function askSearch({ search, ...query }) {
  const options = OPTIONS.map((name) => [name, search && query[name] ? true : null]);
  return { search: search || null, ...Object.fromEntries(options) };
}

/** The search alone: what a record needs to mark its hits. */
export const searchOf = ({ search, case: exact, word, regex }) => ({ search, case: exact, word, regex });

/** Which records are meant, for a change of all that match. */
export const matchOf = (query) => ({
  ...searchOf(query),
  filters: query.filters,
  ...(query.among ? { among: bodyOf(query.among) } : {}),
});

/** Whether some records may be left out. */
export const isNarrowed = ({ search, filters, among }) => search !== "" || filters.length > 0 || among !== null;

/** Whether two queries ask for the same records in the same order. */
export const isSameQuery = (one, other) => JSON.stringify(askRows(one)) === JSON.stringify(askRows(other));

/** The query with the next order by a column: ascending, descending, the table's own. */
export function turnSort(query, column) {
  if (query.sort !== column) return { ...query, sort: column, descending: false };
  return query.descending ? { ...query, sort: "", descending: false } : { ...query, descending: true };
}

function readSpelled(text) {
  try {
    return readCondition(JSON.parse(text));
  } catch {
    return null;
  }
}
