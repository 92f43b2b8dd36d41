/* All runs of the workspace, asked for again and again while somebody looks at them. */

import { getJson } from "../api.js";
import { isFinal } from "./run.js";

const [BUSY, IDLE] = [3000, 10_000]; // ms between two looks, while a run is at work and while none is

const watchers = new Set();
const hearers = new Set();
let [order, asked, clock] = ["-started", 0, 0];
let known = null;

/** Calls `onRuns(runs)` at every look, and `onLost(problem)` at one that failed, as long as `element` is on the page. */
export function watchRuns(element, onRuns, onLost = () => {}) {
  watchers.add({ element, onRuns, onLost });
}

/** What was seen at the last look: runs as the server describes them, or none. */
export const seenRuns = () => known ?? [];

/** The order in which the server gives them, and how to change it. */
export const readOrder = () => order;
export function changeOrder(wanted) {
  order = wanted;
  return lookAtRuns();
}

/** Looks now. */
export async function lookAtRuns() {
  clearTimeout(clock);
  const call = ++asked;
  try {
    const runs = await getJson("runs", { sort: order });
    if (call !== asked) return;
    known = runs;
    for (const { onRuns } of watchers) onRuns(runs);
  } catch (problem) {
    if (call === asked) for (const { onLost } of watchers) onLost(problem);
  }
  if (call === asked) wait();
}

/** Says that a run was started, ended, removed or came back: other stages hold another thing now. */
export function tellChange() {
  for (const listener of hearers) listener();
  return lookAtRuns();
}

/** Calls `listener()` at every change. */
export const onChange = (listener) => hearers.add(listener);

function wait() {
  clearTimeout(clock);
  const busy = seenRuns().some(({ state }) => !isFinal(state));
  clock = setTimeout(() => (isWatched() ? lookAtRuns() : wait()), busy ? BUSY : IDLE);
}

const isWatched = () => !document.hidden && [...watchers].some(({ element }) => element.offsetParent);

globalThis.document?.addEventListener("visibilitychange", () => isWatched() && lookAtRuns());
