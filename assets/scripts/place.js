/* The page's place, kept in the URL: ?tab=&table=&row=&offset=&size=&run=&quality= and what is asked of the table, by what a
   check found of it too (browse/query.js), and of the pairs (compare/query.js). Reload, back, forward and links keep it. Knows nothing of what is shown at a place; who wants
   to know asks to be told. */

import { NO_QUERY, readQuery, writeQuery } from "./browse/query.js";
import { NO_ASK, readAsk, writeAsk } from "./compare/query.js";

export const TABS = ["load", "browse", "prompt", "split", "export", "finetune", "compare"];

const followers = new Set();

export function readPlace() {
  const params = new URL(location).searchParams;
  const tab = params.get("tab");
  return {
    tab: TABS.includes(tab) ? tab : "load",
    table: params.get("table") ?? "",
    run: params.get("run") ?? "",
    query: readQuery(params),
    offset: readCount(params.get("offset")) ?? 0,
    size: readCount(params.get("size")),
    row: readCount(params.get("row")),
    quality: params.get("quality") ?? "",
    pairs: readAsk(params),
  };
}

const readCount = (text) => (/^\d{1,15}$/.test(text ?? "") ? Number(text) : null);

/** Changes the URL alone; null and "" take a key away, a list writes it as often as it is long, `push` makes
 * it a step of the browser's history. */
export function writePlace(changes, { push = false } = {}) {
  const url = new URL(location);
  for (const [key, value] of Object.entries(changes)) {
    url.searchParams.delete(key);
    for (const one of [value].flat()) if (one != null && one !== "") url.searchParams.append(key, one);
  }
  if (isSameAddress(url)) return;
  history[push ? "pushState" : "replaceState"](null, "", url);
}

/** Whether the address says this already, in whatever order. */
function isSameAddress(url) {
  const sorted = ({ searchParams }) => {
    const params = new URLSearchParams(searchParams);
    params.sort();
    return params.toString();
  };
  return sorted(url) === sorted(new URL(location));
}

/** Goes to another place, as a step of the history, and tells everyone. */
export function goTo(changes) {
  writePlace(changes, { push: true });
  tell();
}

/** Goes to another table: what belonged to the old one is left behind. */
export const goToTable = (table, tab) =>
  goTo({ table, tab, row: null, offset: null, size: null, run: null, ...writeQuery(NO_QUERY), ...writeAsk(NO_ASK) });

/** Tells everyone of the same place again, because what is held there has changed. */
export const refreshPlace = () => tell();

/** Calls `listener(place)` after every `goTo`, back and forward. Returns what ends that. */
export function onPlace(listener) {
  followers.add(listener);
  return () => followers.delete(listener);
}

function tell() {
  const place = readPlace();
  for (const listener of followers) listener(place);
}

addEventListener("popstate", tell);
