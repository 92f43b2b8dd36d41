/* What the Prompt stage says of itself by events on the document. Who comes late hears the last word. */

const EVENTS = ["studio:prompt", "studio:prompt-saved"];

const last = new Map();
for (const name of EVENTS) document.addEventListener(name, ({ detail }) => last.set(name, detail));

/** Calls `listener({table, template, columns, row})` after every preview. */
export const onPrompt = (listener) => hear("studio:prompt", listener);

/** Calls `listener({table})` once the draft is saved, and once when the stage is opened. */
export const onSaved = (listener) => hear("studio:prompt-saved", listener);

/** The row that the preview shows of a table, or null. */
export function rowOf(table) {
  const shown = last.get("studio:prompt");
  return shown?.table === table ? shown.row : null;
}

export const say = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

function hear(name, listener) {
  document.addEventListener(name, ({ detail }) => listener(detail));
  if (last.has(name)) listener(last.get(name));
}
