/* What was typed into fields and not saved yet: it stays while one looks at other records, until the page is left. */

const drafts = new Map();

const key = (table, row, column) => JSON.stringify([table, row, column]);

export const keepDraft = (table, row, column, text) =>
  drafts.set(key(table, row, column), { table, row, column, text });

export const dropDraft = (table, row, column) => drafts.delete(key(table, row, column));

/** The text, or undefined where none is kept. */
export const draftOf = (table, row, column) => drafts.get(key(table, row, column))?.text;

/** Those of other records of a table: [{row, column}], in the order of typing. */
export const draftsElsewhere = (table, row) =>
  [...drafts.values()].filter((draft) => draft.table === table && draft.row !== row);

export const hasDrafts = () => drafts.size > 0;
