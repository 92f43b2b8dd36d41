/* The page's place, kept in the URL: ?tab=&table=&row=&offset=&q=&run=. Reload, back, forward and links keep it.
   Knows nothing of what is shown at a place; who wants to know asks to be told. */

export const TABS = ["load", "browse", "prompt", "split", "export", "finetune", "compare"];

const followers = new Set();

export function readPlace() {
  const query = new URL(location).searchParams;
  const tab = query.get("tab");
  return {
    tab: TABS.includes(tab) ? tab : "load",
    table: query.get("table") ?? "",
    run: query.get("run") ?? "",
    q: query.get("q") ?? "",
    offset: readCount(query.get("offset")) ?? 0,
    row: readCount(query.get("row")),
  };
}

const readCount = (text) => (/^\d{1,15}$/.test(text ?? "") ? Number(text) : null);

/** Changes the URL alone; null and "" take a key away, `push` makes it a step of the browser's history. */
export function writePlace(changes, { push = false } = {}) {
  const url = new URL(location);
  for (const [key, value] of Object.entries(changes)) {
    if (value == null || value === "") url.searchParams.delete(key);
    else url.searchParams.set(key, value);
  }
  if (url.href !== location.href) history[push ? "pushState" : "replaceState"](null, "", url);
}

/** Goes to another place, as a step of the history, and tells everyone. */
export function goTo(changes) {
  writePlace(changes, { push: true });
  tell();
}

/** Goes to another table: what belonged to the old one is left behind. */
export const goToTable = (table, tab) => goTo({ table, tab, row: null, offset: null, q: null, run: null });

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
