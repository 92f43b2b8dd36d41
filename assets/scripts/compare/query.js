/* What is asked of the pairs: the two sides, an order, a filter, a search, a page, a column of categories. How it stands in the
   page's address (left, right, order, only, find, at, by) and in a request. Knows nothing of the page. */

export const PAGE = 10;

// Value, its name.
export const ORDERS = [
  ["order", "Order of the test part"],
  ["improvement", "Most improved first"],
  ["worse", "Most worsened first"],
  ["loss", "Highest loss after first"],
];
export const FILTERS = [
  ["all", "All"],
  ["better", "Got better"],
  ["worse", "Got worse"],
  ["same", "Same"],
  ["exact", "Exact"],
  ["unfinished", "Cut off"],
  ["marked", "Marked"],
];

export const NO_ASK = Object.freeze({ left: "base", right: "tuned", order: "order", only: "all", find: "", at: 0, by: "" });

const known = (list, value) => (list.some(([name]) => name === value) ? value : list[0][0]);

/** What an address's parameters ask for; what is not known is left out. */
export function readAsk(params) {
  const at = params.get("at") ?? "";
  return {
    left: params.get("left") || NO_ASK.left,
    right: params.get("right") || NO_ASK.right,
    order: known(ORDERS, params.get("order")),
    only: known(FILTERS, params.get("only")),
    find: params.get("find") ?? "",
    by: params.get("by") ?? "",
    at: /^\d{1,9}$/.test(at) ? Number(at) : 0,
  };
}

/** The keys of an address; null takes one away, as it does what goes without saying. */
export const writeAsk = (ask) =>
  Object.fromEntries(Object.entries(ask).map(([name, value]) => [name, value === NO_ASK[name] ? null : String(value)]));

/** The sides alone, as parameters of a request. */
export const askSides = ({ left, right }) => ({ left, right });

/** The parameters of `/pairs`. */
export const askPairs = ({ order, only, find, at, ...ask }) => ({
  ...askSides(ask),
  sort: order,
  only,
  search: find,
  offset: at,
  limit: PAGE,
});
