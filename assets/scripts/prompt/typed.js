/* What is typed and not saved yet, kept per dataset in this browser until it is: leaving the page loses nothing. */

const TYPED = "studio.template.";
const OWN = "studio.own_template.";

/** What was typed for a table and not saved: {template, columns}, or null. */
export const readTyped = (table, storage = globalThis.localStorage) => read(storage, TYPED + table);

/** Keeps what is typed; null forgets it. */
export const keepTyped = (table, typed, storage = globalThis.localStorage) =>
  write(storage, TYPED + table, typed);

/** The person's own template that was last in effect, to come back to after a style was tried: {template, columns}. */
export const readOwn = (table, storage = globalThis.localStorage) => read(storage, OWN + table);

/** Keeps the person's own template. */
export const keepOwn = (table, own, storage = globalThis.localStorage) => write(storage, OWN + table, own);

function read(storage, key) {
  try {
    const kept = JSON.parse(storage.getItem(key));
    return kept?.template && typeof kept.template === "object" ? kept : null;
  } catch {
    return null;
  }
}

function write(storage, key, value) {
  try {
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing forgets it with the page.
  }
}
