/* What is to be said of a run's state, in words. Knows the server's description of a run, not the page. */

import { count, counted, percent } from "../words.js";

const FAILURES = {
  data: "The data cannot be learnt from.",
  memory: "The memory is used up.",
  disk: "The disk is full.",
  loss: "The training diverged.",
  died: "The worker died.",
  bug: "The training ended with an error.",
};
const LAST_LINES = "Its last log lines:\n";

/** {kind, message, hint, log} for the notice, `log` being the last lines that the run wrote; null where the state says
 * enough. `nameOf(id)` names another run. */
export function tellState(run, nameOf = (id) => id) {
  if (run.state === "failed") return tellFailure(run);
  if (run.state === "cancelled") return tellCancelled(run);
  if (run.state === "stalled")
    return {
      kind: "error",
      message: "The worker is silent.",
      hint: "It may be busy; cancel the run if this lasts. What it has learnt up to its last checkpoint stays.",
    };
  if (run.state === "cancelling")
    return { kind: "info", message: "Stopping.", hint: "It saves a checkpoint first, so that it can go on." };
  // Every run is queued for a moment, and waits for none.
  return run.state === "queued" && run.waits_for.length ? tellQueue(run, nameOf) : null;
}

function tellFailure({ kind, reason, log, checkpoint }) {
  const [said, tail] = reason.split(LAST_LINES);
  const message = FAILURES[kind] ?? "The run failed.";
  const words = capital(said.trim()).replace(message, "").replaceAll("  ", " ").trim();
  return {
    kind: "error",
    message,
    hint: [words, tellKept(checkpoint)].filter(Boolean).join(" "),
    log: tail || log || "",
  };
}

function tellCancelled({ reason, checkpoint, step, steps }) {
  // It tells its step now and then, and saves where it stops.
  const at = steps ? ` at step ${count(Math.max(step, checkpoint ?? 0))} of ${count(steps)}` : "";
  const why = reason ? `${capital(reason)}.` : "";
  return {
    kind: "info",
    message: `Cancelled${at}.`,
    hint: [why, tellKept(checkpoint)].filter(Boolean).join(" "),
  };
}

const capital = (words) => (words ? words[0].toUpperCase() + words.slice(1) : "");

const tellKept = (checkpoint) =>
  checkpoint == null
    ? "No checkpoint is kept: it would begin anew."
    : `Step ${count(checkpoint)} is kept: it can go on from there.`;

function tellQueue({ place, waits_for: ahead }, nameOf) {
  const before = place - 1;
  const working = ahead.slice(0, ahead.length - before).map(nameOf);
  return {
    kind: "info",
    message: before
      ? `${counted(before, "run")} before it in the queue.`
      : "It begins as soon as the run at work is over.",
    hint: working.length ? `At work: ${working.join(", ")}.` : "",
  };
}

/** What the chip says of the runs that are not over: {text, share, shown}; one that works goes before those that wait. */
export function tellActive(runs) {
  const at = runs.filter(({ state }) => state !== "queued");
  const first = at[0] ?? runs.find(({ place }) => place === 1) ?? runs[0];
  const share = Math.min(1, first.step / Math.max(1, first.steps));
  const text =
    first.state === "running" ? (first.steps ? percent(first.step, first.steps) : "running") : first.state;
  const more = runs.length - 1;
  return { text: more ? `${text} · ${counted(more, "more", "more")}` : text, share, shown: first.run };
}
