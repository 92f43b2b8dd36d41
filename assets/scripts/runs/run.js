/* Following a run: its server-sent events from the first on, in order, then how it ended. */

import { address, getJson } from "../api.js";

export const FINAL = new Set(["succeeded", "failed", "cancelled"]);
export const isFinal = (state) => FINAL.has(state);

/** The run as the server describes it now. */
export const describeRun = (id) => getJson(`runs/${id}`);

/** A run's name as a person knows it. */
export const nameRun = ({ run, name }) => name || `run ${run.slice(0, 8)}`;

/** Follows a run: onEvent(event) for each, onState(run) once it is over, onGone({message, hint}) where its folder has
 * gone, onLost() while the server does not answer. Returns what ends the following, and with it the connection: a
 * browser has few of them for all its tabs together. */
export function followRun(id, { onEvent, onState, onGone, onLost }) {
  const stream = new EventSource(address(`runs/${id}/events`));
  let seen = -1;
  stream.addEventListener("message", (message) => {
    const offset = Number(message.lastEventId);
    if (offset <= seen) return; // a stream that was joined again may repeat its last event
    seen = offset;
    onEvent(JSON.parse(message.data));
  });
  for (const [name, tell] of [
    ["state", onState],
    ["gone", onGone],
  ])
    stream.addEventListener(name, (message) => {
      stream.close();
      tell(JSON.parse(message.data));
    });
  stream.addEventListener("error", onLost);
  return () => stream.close();
}
