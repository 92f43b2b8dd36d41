/* Following a run: one stream of server-sent events per run, shared by all who watch it.

   A watcher is {onEvent(event), onState(state)}: every event from the first on, in order, then the run as it ended. */

import { address, getJson } from "../api.js";

export const FINAL = new Set(["succeeded", "failed", "cancelled"]);
export const isFinal = (state) => FINAL.has(state);

const followed = new Map();

/** Watches a run; a watcher that comes late is told what happened before. Returns what ends the watching. */
export function watchRun(id, watcher) {
  const run = followed.get(id) ?? follow(id);
  run.watchers.add(watcher);
  run.events.forEach((event) => watcher.onEvent?.(event));
  if (run.state) watcher.onState?.(run.state);
  return () => run.watchers.delete(watcher);
}

/** Forgets what was seen of a run that goes on: it is watched from its first event again. */
export const forgetRun = (id) => followed.delete(id);

/** The run as the server describes it now. */
export const describeRun = (id) => getJson(`runs/${id}`);

function follow(id) {
  const run = { watchers: new Set(), events: [], state: null, seen: -1 };
  followed.set(id, run);
  const stream = new EventSource(address(`runs/${id}/events`));
  stream.addEventListener("message", (message) => {
    const offset = Number(message.lastEventId);
    if (offset <= run.seen) return; // a stream that was joined again may repeat its last event
    run.seen = offset;
    const event = JSON.parse(message.data);
    run.events.push(event);
    for (const watcher of run.watchers) watcher.onEvent?.(event);
  });
  stream.addEventListener("state", (message) => {
    stream.close();
    run.state = JSON.parse(message.data);
    for (const watcher of run.watchers) watcher.onState?.(run.state);
  });
  stream.addEventListener("error", () => {
    const over = stream.readyState === EventSource.CLOSED;
    for (const watcher of run.watchers) watcher.onLost?.(over);
    if (over) followed.delete(id);
  });
  return run;
}
