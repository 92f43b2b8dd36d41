/* What is said where there is nothing to compare, or not yet all of it. */

import { el } from "../dom.js";
import { drawNotice } from "../notice.js";
import { isFinal } from "../runs/run.js";
import { count, counted } from "../words.js";

export function drawInvitation() {
  const link = el("a", {
    class: "button primary",
    href: "?tab=finetune",
    data: { go: "finetune" },
    text: "Go to Fine-tune",
  });
  const words =
    "Run a fine-tune on this table to its end; its test records are then answered before and after.";
  return el(
    "section",
    { class: "card empty-stage", "aria-label": "Nothing to compare" },
    el("h2", { text: "Nothing to compare yet" }),
    el("p", { text: words }),
    link,
  );
}

export const noTestPart = () =>
  drawNotice({
    kind: "info",
    message: "This run has no test part, so there is nothing to compare.",
    hint: "Give the split a test part and train again.",
  });

/** What the run does that keeps the rest from being shown, as a notice; null where all is there. */
export function describeDoing({ state, reason, records, of }) {
  const done = of ? `${count(records)} of ${counted(of, "test record")}` : counted(records, "test record");
  if (state === "succeeded") return null;
  if (state === "failed" || state === "cancelled") {
    const ended = state === "failed" ? "The run failed" : "The run was cancelled";
    const message = records ? `${ended}; ${done} were answered before.` : `${ended} before it was scored.`;
    const hint = [reason, "Go on with it in Fine-tune to have its scores."].filter(Boolean).join(" ");
    return { kind: state === "failed" ? "error" : "info", message, hint };
  }
  if (records) return { kind: "busy", message: `The run is being scored: ${done} are done.`, hint: "More come by themselves." };
  const message = isScored(state) ? "The run is being scored." : `The run is ${state}.`;
  return { kind: "busy", message, hint: "Its test records are shown here as soon as they are answered." };
}

const isScored = (state) => state === "evaluating" && !isFinal(state);
