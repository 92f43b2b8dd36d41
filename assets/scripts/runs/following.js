/* What is known of one run while it is followed: how it stands, as the server describes it, and what its events have told.
   Knows nothing of how it is drawn. */

import { getJson } from "../api.js";
import { tellChange } from "./all.js";
import { addEvent, blankCurve } from "./curve.js";
import { describeRun, followRun, isFinal } from "./run.js";
import { count } from "../words.js";

const LOOK = 3000; // ms between looks at what events do not tell: stalled, cancelling
const SOON = 60; // ms in which many events that tell of a state come to one look

/** Follows one run at a time; `onNews(seen)` is called whenever there is more to see of it. `seen` is {id, run, curve,
 * step, steps, seconds, eta, scored, word, lost, gone}: `run` is null until the server has answered, `word` the last thing
 * that it said in words, `gone` {back} or {message, hint} once it is no longer there. */
export function makeFollower(onNews) {
  let seen = blank("");
  let [leave, looks, clock] = [() => {}, 0, 0];

  function follow(id) {
    leave();
    seen = blank(id);
    if (!id) return;
    const stop = followRun(id, { onEvent, onState: take, onGone: lose, onLost });
    looks = setInterval(() => refresh(id), LOOK);
    leave = () => {
      stop();
      clearInterval(looks);
      clearTimeout(clock);
    };
    refresh(id);
  }

  function onEvent(event) {
    note(seen, event);
    // The events of a run that went on tell of earlier ends too: how it stands now is the server's to say.
    if (event.event === "state") lookSoon();
    onNews(seen);
  }

  function lookSoon() {
    clearTimeout(clock);
    const { id } = seen;
    clock = setTimeout(() => refresh(id), SOON);
  }

  async function refresh(id) {
    try {
      const found = await describeRun(id);
      if (id === seen.id) take(found);
    } catch (problem) {
      if (id !== seen.id) return;
      if (problem.status === 404) lose(problem);
      else onLost();
    }
  }

  function take(run) {
    if (run.run !== seen.id) return;
    const before = seen.run;
    Object.assign(seen, { run, lost: false, gone: null });
    if (isFinal(run.state)) clearInterval(looks); // its last events may still come
    if (before && (before.state !== run.state || before.attempt !== run.attempt)) tellChange();
    onNews(seen);
  }

  function onLost() {
    seen.lost = true;
    onNews(seen);
  }

  /** The run is no longer there; what was seen of it stays. */
  async function lose({ message }) {
    leave();
    const { id } = seen;
    const removed = await getJson("runs/removed").catch(() => []);
    if (id !== seen.id) return;
    const back = removed.find(({ run }) => run === id);
    const hint = "Its folder was deleted. What was seen of it stays here until you leave.";
    seen.gone = back ? { back } : { message, hint };
    seen.run ??= back ?? { run: id, name: "", state: "", metrics: {} };
    onNews(seen);
  }

  /** All runs as they stand: another tab, or a command, may have taken this one away, brought it back or let it go on. */
  function compare(runs) {
    const { id, run, gone } = seen;
    if (!id || !run) return;
    const now = runs.find((one) => one.run === id);
    if (!now && !gone) refresh(id);
    else if (now && (gone || (isFinal(run.state) && now.attempt !== run.attempt))) follow(id);
    else if (now && isFinal(now.state)) take(now);
    else onNews(seen); // what it waits for may have another name
  }

  return { follow, take, compare, seen: () => seen };
}

const blank = (id) => ({
  id,
  run: null,
  curve: blankCurve(),
  step: 0,
  steps: 0,
  seconds: null,
  eta: null,
  scored: "",
  word: "",
  lost: false,
  gone: null,
});

/** Takes one event into what is known of the run. */
export function note(seen, event) {
  addEvent(seen.curve, event);
  if (event.seconds != null) seen.seconds = event.seconds;
  if (event.event === "log") seen.word = event.message ?? "";
  if (event.event === "resumed") seen.word = "";
  if (event.event === "scoring") {
    seen.scored = `${count(event.step)} of ${count(event.steps)}`;
    return;
  }
  if (event.step != null) seen.step = event.step;
  if (event.steps) seen.steps = event.steps;
  if (event.event === "progress") [seen.eta, seen.scored] = [event.eta, ""];
  if (event.event === "state" && event.state === "evaluating") seen.eta = null;
}
