/* The survey of a table: begun, or joined where it goes on already; followed while someone looks; begun again when the
   records are others. The server keeps it. */

import { getJson, post, send } from "../api.js";

const PAUSE = 400; // ms between two looks at a survey that goes on; each is a little longer than the last
const LONGEST = 4000;
const SLOWER = 1.4;

const NOTHING = { table: "", answer: null, live: null, pending: false, problem: null };

/** Follows surveys: {begin(table, also), resume(), stop(), forget()}. `onNews({answer, live, pending, problem})` is
 * called with what is known: `live` is where the survey stands, `answer` the last one that was done, or this one where
 * there is none; `pending` says that they are not the same. */
export function surveyor(isWatched, onNews) {
  let known = NOTHING;
  let [asked, clock, pause, waiting] = [0, 0, PAUSE, false];
  const path = () => `tables/${known.table}/quality`;

  function begin(table, also) {
    const kept = table === known.table ? known : NOTHING;
    known = { ...kept, table, also, problem: null };
    pause = PAUSE;
    return ask(() => post(path(), { also }));
  }

  async function ask(work) {
    clearTimeout(clock);
    const call = ++asked;
    try {
      const answer = await work();
      if (call === asked) take(answer);
    } catch (problem) {
      if (call === asked) fail(problem);
    }
  }

  function take(live) {
    if (live.state === "none") return begin(known.table, known.also); // the server forgot it
    const goes = live.state === "running";
    const pending = goes && known.answer?.state === "done";
    known = { ...known, live, pending, answer: pending ? known.answer : live, problem: null };
    onNews(known);
    if (goes) later();
  }

  function fail(problem) {
    known = { ...known, problem, pending: false };
    onNews(known);
    if (!problem.status) later(); // no answer at all: the server may come back
  }

  function later() {
    clock = setTimeout(look, pause);
    pause = Math.min(LONGEST, pause * SLOWER);
  }

  function look() {
    waiting = !isWatched();
    if (!waiting) ask(() => getJson(path()));
  }

  function forget() {
    asked += 1;
    clearTimeout(clock);
    [known, waiting] = [NOTHING, false];
  }

  return {
    begin,
    forget,
    resume: () => waiting && look(),
    stop: () => ask(async () => (await send("DELETE", path())) ?? getJson(path())),
  };
}
