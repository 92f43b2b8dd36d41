/* What a person asked a survey to look for beyond the usual, kept per dataset in this browser. */

const KEY = "studio.quality.";

/** The names of what is wanted for a table. */
export function wantedOf(table, storage = globalThis.localStorage) {
  try {
    const names = JSON.parse(storage.getItem(KEY + table) ?? "[]");
    return Array.isArray(names) ? names.filter((name) => /^[a-z-]{1,40}$/.test(name)) : [];
  } catch {
    return []; // a browser may lend no storage
  }
}

/** Keeps whether something is wanted, by its name; returns all that are. */
export function want(table, name, wanted, storage = globalThis.localStorage) {
  const others = wantedOf(table, storage).filter((one) => one !== name);
  const names = wanted ? [...others, name] : others;
  try {
    storage.setItem(KEY + table, JSON.stringify(names));
  } catch {
    // then it holds for this survey alone
  }
  return names;
}
