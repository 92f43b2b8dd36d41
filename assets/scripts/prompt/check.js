/* The check of the table that the Prompt stage is at: its lengths and findings. One pass and one poll for the whole
   page, and only while someone looks at what comes of it; who shows it asks to be told. */

import { getJson, post, send } from "../api.js";
import { debounce } from "../dom.js";
import { onSaved, say } from "./said.js";
import { maxLengthOf, tokenizerOf, watchTokenizer } from "./tokenizer.js";

const PAUSE = 500; // ms between two looks at a pass that goes on; each is a little longer than the last
const LONGEST = 4000;
const SLOWER = 1.4;
const QUIET = 300; // ms of quiet before a draft that was saved is checked, or a max length kept
const SOON = 120; // ms at least between two counts for another max length

const NONE = { table: "", id: "", answer: null, limit: null, pending: false, problem: null, unkept: null };

const followers = new Set();
const viewers = new Set();
let known = NONE;
let [asked, clock, pause] = [0, 0, PAUSE];
let begun = false; // whether the answer is of the draft and the tokenizer of now
let waiting = false; // whether there is something to ask once someone looks

/** Calls `listener({table, answer, limit, pending, problem, unkept})` whenever one of these is known anew. `answer` is the
 * last one that says something, of another draft or max length than those of now while `pending`; `unkept` is why the
 * recipe refused the max length. `element` is where it is shown. */
export function watchCheck(element, listener) {
  followers.add(listener);
  viewers.add(element);
  new ResizeObserver(resume).observe(element);
  listener(known);
}

/** Checks the table anew, as after a failure. */
export function checkAgain() {
  asked += 1; // what is under way answers an older question
  begun = false;
  pause = PAUSE;
  take({ pending: Boolean(known.answer), problem: null });
  look();
}

const isWatched = () => !document.hidden && [...viewers].some((element) => element.offsetParent);

function resume() {
  if (waiting && isWatched()) look();
}

/** Asks where the check stands, for the max length of now; begins it, or joins one that goes on, where that is due. */
async function look() {
  clearTimeout(clock);
  waiting = Boolean(known.table) && !isWatched();
  if (waiting || !known.table) return;
  const call = ++asked;
  const { limit } = known;
  try {
    const answer = await (begun ? lookOn() : begin());
    if (call === asked) note(answer, limit);
  } catch (problem) {
    if (call === asked) fail(problem);
  }
}

const lookOn = () => getJson(`tables/${known.table}/checks/${known.id}`, { max_length: known.limit });

const begin = () =>
  post(`tables/${known.table}/checks`, { tokenizer: tokenizerOf(known.table), max_length: known.limit });

function note(answer, limit) {
  const goes = answer.state === "preparing" || answer.state === "running";
  const older = limit !== known.limit; // it counts for a max length that the line has left
  const silent = goes && !answer.lengths.bars.length && known.answer?.lengths.bars.length;
  const shown = silent ? known.answer : answer; // what was known of the draft before stays until this one speaks
  take({ id: answer.id, answer: shown, pending: older || shown !== answer, problem: answer.problem ?? null });
  if (!begun) say("studio:check", { table: known.table, check: answer.id });
  begun = true;
  if (goes) later();
}

function fail(problem) {
  if (problem.status === 404 && begun) return checkAgain(); // the server forgot it
  take({ problem, pending: false, ...(begun ? {} : { answer: null }) });
  if (!problem.status) later(); // no answer at all: the server may come back
}

function later() {
  clock = setTimeout(look, pause);
  pause = Math.min(LONGEST, pause * SLOWER);
}

function take(changes) {
  known = { ...known, ...changes };
  for (const listener of followers) listener(known);
}

const beginSoon = debounce(checkAgain, QUIET);
const keepSoon = debounce(keepLength, QUIET);

let counting = null;

/** Counts for the max length of then; while the line moves on, now and then. */
function countSoon() {
  counting ??= setTimeout(() => {
    counting = null;
    look();
  }, SOON);
}

/** The recipe's max length follows: what is seen here is what a run takes. */
async function keepLength(table, value) {
  const refusal = await send("PUT", `tables/${table}/prompt`, { max_length: value }).then(
    () => null,
    (problem) => problem,
  );
  if (table === known.table) take({ unkept: refusal });
}

function follow({ table, what, value, moving }) {
  if (what === "length" && !moving) {
    say("studio:max-length", { value });
    keepSoon(table, value);
  }
  if (table !== known.table) return;
  if (what === "tokenizer") {
    take({ answer: null });
    return checkAgain();
  }
  take({ limit: value, pending: Boolean(known.answer) });
  countSoon();
}

onSaved(({ table }) => {
  asked += 1;
  if (table !== known.table) take({ ...NONE, table, limit: maxLengthOf(table) });
  begun = false;
  beginSoon();
});
watchTokenizer(follow);
addEventListener("visibilitychange", resume);
