/* Which tokenizer a dataset is looked at with, kept per dataset in this browser; and its max length, which the draft
   keeps. Who wants to know of a change asks to be told. Knows nothing of the page. */

export const LEAST_LENGTH = 16; // what a run takes as max_length
export const MOST_LENGTH = 2048;

const TINY = "tiny";
const TOKENIZER = "studio.tokenizer.";
const HUB_ID = /^[\w.-]+\/[\w.-]+(@[\w./-]+)?$/;
const FOLDER = /^([/~.]|[A-Za-z]:\\)/; // any other text may be taken for an id of the Hub

const followers = new Set();
const lengths = new Map(); // table → the max length that was set on this page

/** The tokenizer of a table; the tiny one where none was chosen. */
export const tokenizerOf = (table, storage = globalThis.localStorage) =>
  chosenTokenizer(table, storage) ?? TINY;

/** The tokenizer that a person chose for a table, or null. */
export const chosenTokenizer = (table, storage = globalThis.localStorage) =>
  read(storage, TOKENIZER + table) || null;

/** The max length that was set for a table since the page came, or null: what the draft says holds. */
export const maxLengthOf = (table) => lengths.get(table) ?? null;

/** Takes a tokenizer for a table and tells of it. */
export function chooseTokenizer(table, choice, storage = globalThis.localStorage) {
  write(storage, TOKENIZER + table, choice);
  tell({ table, what: "tokenizer" });
}

/** Takes a max length for a table and tells of it; `moving` while its line is being dragged. */
export function setMaxLength(table, value, { moving = false } = {}) {
  lengths.set(table, value);
  tell({ table, what: "length", value, moving });
}

/** Calls `listener({table, what: "tokenizer" | "length", value, moving})` after every change. */
export function watchTokenizer(listener) {
  followers.add(listener);
}

/** A typed choice: {choice}, or {problem} in words. `kind` is folder or hub. */
export function readChoice(kind, text) {
  const choice = text.trim();
  if (kind === "folder")
    return FOLDER.test(choice)
      ? { choice }
      : { problem: "Write the whole path of a folder, from / or ~ on." };
  return HUB_ID.test(choice)
    ? { choice }
    : { problem: "Write an id such as org/name, or org/name@revision." };
}

/** A typed max length: {value}, or {problem} in words. */
export function readLength(text) {
  const value = /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : NaN;
  if (value >= LEAST_LENGTH && value <= MOST_LENGTH) return { value };
  return { problem: `A whole number from ${LEAST_LENGTH} to 2,048.` };
}

/** What a tokenizer's preparation does, in words. */
export function sayPreparing(choice) {
  if (choice === TINY) return "Training the tiny tokenizer on your train part …";
  return isFolder(choice) ? "Reading the tokenizer of the folder …" : "Fetching the tokenizer from the Hub …";
}

/** A short name of a choice: the last part of a path, an id as it is. */
export const nameChoice = (choice) =>
  isFolder(choice) ? choice.replace(/[/\\]+$/, "").replace(/^.*[/\\]/, "") || choice : choice;

const isFolder = (choice) => FOLDER.test(choice);

function tell(change) {
  for (const listener of followers) listener(change);
}

function read(storage, key) {
  try {
    return storage.getItem(key);
  } catch {
    return null;
  }
}

function write(storage, key, text) {
  try {
    storage.setItem(key, text);
  } catch {
    // A browser that keeps nothing forgets it at the next visit.
  }
}
