/* Conditions on columns: {column, is, value, not}. Their words, what may be asked of a column, and how a
   click on a bar joins those that stand already. Knows nothing of the page. */

import { count, nameOf } from "../words.js";

/** What can be asked, in the order of the menu; `value` says what is to be filled in. */
export const TESTS = {
  contains: { label: "contains", value: "text" },
  equals: { label: "equals", value: "text" },
  "one-of": { label: "is one of", value: "list" },
  length: { label: "has a length of", value: "range" },
  number: { label: "is a number between", value: "range" },
  empty: { label: "is empty", value: "none" },
  missing: { label: "is missing", value: "none" },
  null: { label: "is null", value: "none" },
};

const SHOWN = 40; // characters of a value in the words of a condition
const LISTED = 3;

/** A condition that came from outside, or null where it is none. */
export function readCondition(given) {
  if (typeof given !== "object" || given === null || typeof given.column !== "string") return null;
  const test = Object.hasOwn(TESTS, given.is) ? TESTS[given.is] : null;
  if (!test || !fits(given.value, test.value)) return null;
  return makeCondition(given.column, given.is, given.value, given.not === true);
}

/** A condition with its keys in one order, and no key that says nothing. */
export function makeCondition(column, is, value = null, not = false) {
  return { column, is, ...(TESTS[is].value === "none" ? {} : { value }), ...(not ? { not: true } : {}) };
}

function fits(value, kind) {
  if (kind === "none") return true;
  if (kind === "text") return typeof value === "string";
  if (!Array.isArray(value)) return false;
  if (kind === "list") return value.length > 0 && value.every((one) => typeof one === "string");
  const bounds = value.every((one) => one === null || Number.isFinite(one));
  return value.length === 2 && bounds && value.some((one) => one !== null);
}

/** "answer contains x", "score is not between 1 and 5". */
export function describeCondition({ column, is, value, not = false }) {
  return `${cut(nameOf({ name: column }))} ${WORDS[is](value, not)}`;
}

const WORDS = {
  contains: (text, not) => `${not ? "does not contain" : "contains"} ${quote(text)}`,
  equals: (text, not) => `${not ? "is not" : "is"} ${quote(text)}`,
  "one-of": (list, not) => `${not ? "is not" : "is"} ${listValues(list)}`,
  length: (range, not) => `${not ? "does not have" : "has"} ${nameRange(range)} characters`,
  number: (range, not) => `${not ? "is not" : "is"} ${nameRange(range)}`,
  empty: (_, not) => (not ? "is not empty" : "is empty"),
  missing: (_, not) => (not ? "is not missing" : "is missing"),
  null: (_, not) => (not ? "is not null" : "is null"),
};

function listValues(list) {
  const words = list.slice(0, LISTED).map(quote).join(" or ");
  return list.length > LISTED ? `${words} or ${count(list.length - LISTED)} more` : words;
}

/** "100 to 119", "at most 5", "at least 5", "5". */
export function nameRange([low, high]) {
  if (low === null) return `at most ${nameNumber(high)}`;
  if (high === null) return `at least ${nameNumber(low)}`;
  return low === high ? nameNumber(low) : `${nameNumber(low)} to ${nameNumber(high)}`;
}

/** A number as it is read: whole ones with their thousands, others with the digits they have. */
export const nameNumber = (n) => (Number.isSafeInteger(n) && Math.abs(n) < 1e15 ? count(n) : String(n));

/** A text that shows that it is there: quoted where it is blank or has blanks at its ends. */
function quote(text) {
  const short = cut(text);
  return short.trim() === short && short !== "" ? short : `"${short}"`;
}

function cut(text) {
  const signs = [...text.slice(0, 2 * SHOWN)];
  const whole = signs.length <= SHOWN && text.length <= 2 * SHOWN;
  return (whole ? text : `${signs.slice(0, SHOWN).join("")}…`).replaceAll("\n", "↵");
}

/** Whether two conditions ask the same. */
export const isSameCondition = (one, other) => spell(one) === spell(other);

const spell = ({ column, is, value = null, not = false }) => JSON.stringify([column, is, value, not]);

/** The conditions once a bar was clicked: it takes the place of another bar of its column, a value joins the
 * values of its column, and what is there already goes away. */
export function withBar(filters, condition) {
  const { column, is } = condition;
  if (filters.some((other) => isSameCondition(other, condition)))
    return filters.filter((other) => !isSameCondition(other, condition));
  const at = filters.findIndex((other) => other.column === column && other.is === is && !other.not);
  if (at < 0) return [...filters, condition];
  return is === "one-of" ? withValue(filters, at, condition.value[0]) : filters.with(at, condition);
}

function withValue(filters, at, value) {
  const old = filters[at].value;
  const list = old.includes(value) ? old.filter((one) => one !== value) : [...old, value];
  return list.length ? filters.with(at, { ...filters[at], value: list }) : filters.toSpliced(at, 1);
}

/** Whether the conditions ask for what a bar stands for. */
export function holdsBar(filters, condition) {
  if (filters.some((other) => isSameCondition(other, condition))) return true;
  if (condition.is !== "one-of") return false;
  const same = ({ column, is, not }) => column === condition.column && is === "one-of" && !not;
  return filters.some((other) => same(other) && other.value.includes(condition.value[0]));
}
