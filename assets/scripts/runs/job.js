/* One fine-tune as it runs: state, steps, loss curve, time left, log, and a button that cancels it. */

import { getText, post } from "../api.js";
import { drawChart } from "./chart.js";
import { el } from "../dom.js";
import { drawNotice, drawProblem } from "../notice.js";
import { writePlace } from "../place.js";
import { describeRun, forgetRun, isFinal, watchRun } from "./run.js";
import { count, counted, duration, score } from "../words.js";

const LOOK = 3000; // ms between looks at what events do not tell: stalled, cancelling, the log

export function job({ element, props, trigger, watch }) {
  const find = (selector) => element.querySelector(selector);
  let run = "";
  let seen = blank();
  let leave = () => {};
  let drawn = false;

  function follow(id) {
    leave();
    [run, seen] = [id, blank()];
    find("[data-card]").hidden = !id;
    for (const name of ["problem", "figures", "chart", "log"]) find(`[data-${name}]`).replaceChildren();
    if (!id) return;
    writePlace({ run: id });
    const stop = watchRun(id, { onEvent, onState, onLost });
    const look = setInterval(() => refresh(id), LOOK);
    leave = () => {
      stop();
      clearInterval(look);
    };
    refresh(id);
  }

  function onEvent(event) {
    note(seen, event);
    if (event.event === "state" && seen.live) trigger("changed", {});
    later();
  }

  function onState(state) {
    Object.assign(seen, {
      state: state.state,
      reason: state.reason,
      metrics: state.metrics,
      seconds: state.seconds,
      resumable: state.resumable,
      checkpoint: state.checkpoint,
    });
    leave();
    later();
    readLog(run);
    if (seen.live) trigger("changed", {});
  }

  function onLost() {
    seen.lost = true;
    later();
  }

  async function refresh(id) {
    const state = await describeRun(id).catch(() => null);
    if (!state || id !== run) return;
    seen.lost = false;
    if (!isFinal(state.state)) Object.assign(seen, { live: true, state: state.state, place: state.place });
    seen.waits = state.state === "queued" ? seen.waits + 1 : 0;
    if (!isFinal(seen.state)) Object.assign(seen, { reason: state.reason, steps: state.steps || seen.steps });
    later();
    readLog(id);
  }

  async function readLog(id) {
    if (!find("details").open) return;
    const text = await getText(`runs/${id}/log?tail=200`).catch((problem) => problem.message);
    if (id === run) find("[data-log]").textContent = text || "Nothing is written yet.";
  }

  /** Many events may come at once; they are drawn together. */
  function later() {
    if (drawn) return;
    drawn = true;
    requestAnimationFrame(() => {
      drawn = false;
      draw();
    });
  }

  function draw() {
    const over = isFinal(seen.state);
    find("[data-run]").textContent = run.slice(0, 8);
    find("[data-state]").textContent = seen.lost && !over ? "connection lost" : seen.state || "queued";
    find("[data-state]").dataset.state = seen.state;
    find("[data-act=cancel]").hidden = over;
    find("[data-act=cancel]").disabled = seen.state === "cancelling";
    find("[data-act=resume]").hidden = !(over && seen.resumable);
    find("[data-compare]").hidden = seen.state !== "succeeded";
    find("[data-bar]").value = seen.state === "succeeded" ? 1 : seen.step / Math.max(1, seen.steps);
    find("[data-figures]").replaceChildren(...figures(seen, over).map(drawFigure));
    find("[data-problem]").replaceChildren(...drawReason(seen));
    drawChart(find("[data-chart]"), seen);
  }

  find("[data-act=cancel]").addEventListener("click", async () => {
    try {
      seen.state = (await post(`runs/${run}/cancel`)).state;
      later();
    } catch (problem) {
      find("[data-problem]").replaceChildren(drawProblem(problem));
    }
  });
  find("[data-act=resume]").addEventListener("click", async () => {
    const id = run;
    find("[data-act=resume]").disabled = true;
    try {
      await post(`runs/${id}/resume`);
      forgetRun(id);
      follow(id);
      trigger("changed", {});
    } catch (problem) {
      find("[data-problem]").replaceChildren(drawProblem(problem));
    }
    find("[data-act=resume]").disabled = false;
  });
  find("details").addEventListener("toggle", () => run && readLog(run));
  new ResizeObserver(() => run && later()).observe(find("[data-chart]"));
  const show = () => (props.value?.run ?? "") !== run && follow(props.value?.run ?? "");
  watch("value", show);
  show();
}

const blank = () => ({
  state: "",
  step: 0,
  steps: 0,
  train: [],
  validation: [],
  scored: "",
  metrics: {},
  reason: "",
  waits: 0, // looks at which it waited; every run does for a moment
});

/** Takes one event into what is known of the run. */
function note(seen, event) {
  if (event.event === "state") seen.state = event.state;
  if (event.seconds != null) seen.seconds = event.seconds;
  if (event.event === "scoring") {
    seen.scored = `${count(event.step)} of ${count(event.steps)}`;
    return;
  }
  if (event.step != null) seen.step = event.step;
  if (event.steps) seen.steps = event.steps;
  if (event.event === "progress") {
    seen.eta = event.eta;
    if (event.loss != null) seen.train = addPoint(seen.train, event.step, event.loss);
  }
  if (event.event === "evaluation" && event.eval_loss != null)
    seen.validation = addPoint(seen.validation, event.step, event.eval_loss);
}

/** The points with one more; a run that goes on from a checkpoint does some steps again, and these count. */
export function addPoint(points, step, loss) {
  while (points.length && points.at(-1)[0] >= step) points.pop();
  points.push([step, loss]);
  return points;
}

function figures(seen, over) {
  const last = (points) => score(points.at(-1)?.[1]);
  const best = seen.validation.length ? Math.min(...seen.validation.map(([, loss]) => loss)) : null;
  const { base, tuned } = seen.metrics ?? {};
  const test =
    base && tuned
      ? [["Test loss", `${score(base.loss, 2)} → ${score(tuned.loss, 2)}`, "before → after"]]
      : [];
  const left = seen.eta != null && !over ? [["Time left", duration(seen.eta), "of the training"]] : [];
  const scored = seen.scored && !over ? [["Test records scored", seen.scored, ""]] : [];
  return [
    ["Step", seen.steps ? `${count(seen.step)} / ${count(seen.steps)}` : "–", ""],
    ["Training loss", last(seen.train), "nats a token"],
    ["Validation loss", last(seen.validation), best == null ? "" : `best ${score(best)}`],
    ...test,
    ...scored,
    ...left,
    ["Time", seen.seconds == null ? "–" : duration(seen.seconds), over ? "in all" : "so far"],
  ];
}

const drawFigure = ([name, value, words]) =>
  el(
    "div",
    {},
    el("dt", { text: name }),
    el("dd", { text: value }, words ? el("small", { text: words }) : null),
  );

const describePlace = (place) =>
  place > 1 ? `${counted(place - 1, "run")} before it in the queue.` : "It begins as soon as the run at work is over.";

function drawReason({ state, reason, checkpoint, place, waits }) {
  if (state === "failed") return [drawNotice({ kind: "error", message: "The run failed.", hint: reason })];
  if (state === "stalled")
    return [
      drawNotice({
        kind: "error",
        message: "The worker is silent.",
        hint: "It may be busy; cancel the run if this lasts.",
      }),
    ];
  if (state === "queued" && place != null && waits > 1) return [drawNotice({ kind: "info", message: describePlace(place) })];
  if (state !== "cancelled" || !reason) return [];
  const kept = checkpoint == null ? "" : ` Step ${count(checkpoint)} is kept.`;
  return [drawNotice({ kind: "info", message: "Cancelled.", hint: `${reason}${kept}` })];
}
