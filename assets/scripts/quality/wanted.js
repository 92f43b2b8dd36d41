/* What a person asked a survey to look for beyond the usual, kept per dataset in this browser. */

const KEY = "studio.quality.";

/** The codes that are wanted for a table. */
export function wantedOf(table, storage = globalThis.localStorage) {
  try {
    const codes = JSON.parse(storage.getItem(KEY + table) ?? "[]");
    return Array.isArray(codes) ? codes.filter((code) => /^[a-z-]{1,40}$/.test(code)) : [];
  } catch {
    return []; // a browser may lend no storage
  }
}

/** Keeps whether a code is wanted; returns all that are. */
export function want(table, code, wanted, storage = globalThis.localStorage) {
  const others = wantedOf(table, storage).filter((one) => one !== code);
  const codes = wanted ? [...others, code] : others;
  try {
    storage.setItem(KEY + table, JSON.stringify(codes));
  } catch {
    // then it holds for this survey alone
  }
  return codes;
}
