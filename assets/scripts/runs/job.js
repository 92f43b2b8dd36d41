/* One fine-tune as it runs: state, figures, chart, answers, log, and the buttons that stop it and let it go on. The
   server's description says how it stands; its events say what it has done. */

import { getJson, post, send } from "../api.js";
import { lookAtRuns, onChange, seenRuns, tellChange, watchRuns } from "./all.js";
import { addEvent, blankCurve } from "./curve.js";
import { makeCurves } from "./curves.js";
import { el } from "../dom.js";
import { figuresOf } from "./figures.js";
import { makeLog } from "./log.js";
import { drawNotice, drawProblem } from "../notice.js";
import { goTo, writePlace } from "../place.js";
import { describeRun, followRun, isFinal, nameRun } from "./run.js";
import { makeSamples } from "./samples.js";
import { tellState } from "./tell.js";
import { count } from "../words.js";

const LOOK = 3000; // ms between looks at what events do not tell: stalled, cancelling, the log

export function job({ element, props, trigger, watch }) {
  const find = (selector) => element.querySelector(selector);
  const samples = makeSamples(find("[data-samples]"));
  const curves = makeCurves(find("[data-curves]"), samples.pick);
  const log = makeLog(find("[data-log-room]"));
  let id = "";
  let seen = blank();
  let leave = () => {};
  let waiting = false;

  function follow(run) {
    leave();
    [id, seen] = [run, blank()];
    find("[data-card]").hidden = true;
    for (const name of ["problem", "figures"]) find(`[data-${name}]`).replaceChildren();
    samples.reset();
    samples.draw([]);
    log.read(run);
    if (!run) return;
    writePlace({ run });
    const stop = followRun(run, { onEvent, onState: take, onGone: lose, onLost });
    seen.looks = setInterval(() => refresh(run), LOOK);
    leave = () => {
      stop();
      clearInterval(seen.looks);
    };
    refresh(run);
  }

  function onEvent(event) {
    note(seen, event);
    // The events of a run that went on tell of earlier ends too: how it stands now is the server's to say.
    if (event.event === "state") soon();
    later();
  }

  /** Looks once, when many events have told of a state. */
  function soon() {
    clearTimeout(seen.look);
    const run = id;
    seen.look = setTimeout(() => refresh(run), 60);
  }

  async function refresh(run) {
    try {
      const found = await describeRun(run);
      if (run === id) take(found);
    } catch (problem) {
      if (run === id) problem.status === 404 ? lose(problem) : onLost();
    }
  }

  function take(run) {
    if (run.run !== id) return;
    const before = seen.run;
    Object.assign(seen, { run, lost: false, gone: null });
    if (isFinal(run.state)) clearInterval(seen.looks); // its last events may still come
    if (before && (before.state !== run.state || before.attempt !== run.attempt)) tellChange();
    later();
    log.read();
  }

  function onLost() {
    seen.lost = true;
    later();
  }

  /** The run is no longer there: what was seen of it stays on the page. */
  async function lose({ message, hint }) {
    leave();
    const [run, removed] = [id, await getJson("runs/removed").catch(() => [])];
    if (run !== id) return;
    const back = removed.find((one) => one.run === run);
    seen.gone = back
      ? { back }
      : { message, hint: "Its folder was deleted. What was seen of it stays here until you leave." };
    seen.run ??= back ?? { run, name: "", state: "", metrics: {} };
    later();
  }

  /** Many events may come at once; they are drawn together. */
  function later() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      if (id && seen.run) draw();
    });
  }

  function draw() {
    const { run, gone, curve } = seen;
    const over = isFinal(run.state) || Boolean(gone);
    const [step, steps] = [Math.max(seen.step, over ? run.step : 0), run.steps || seen.steps];
    find("[data-card]").hidden = false;
    find("[data-name]").textContent = run.name || "Run";
    find("[data-run]").textContent = id.slice(0, 8);
    const words = gone ? "no longer there" : seen.lost && !over ? "connection lost" : run.state;
    find("[data-state]").textContent = words;
    find("[data-state]").dataset.state = gone || seen.lost ? "" : run.state;
    find("[data-act=cancel]").hidden = over;
    find("[data-act=cancel]").disabled = run.state === "cancelling";
    find("[data-act=resume]").hidden = gone || !(over && run.resumable);
    find("[data-act=resume]").title = run.checkpoint
      ? `From step ${count(run.checkpoint)}`
      : "From the beginning";
    find("[data-compare]").hidden = gone || run.state !== "succeeded";
    find("[data-bar]").value = run.state === "succeeded" ? 1 : step / Math.max(1, steps);
    find("[data-figures]").replaceChildren(
      ...figuresOf({ ...seen, step, steps, seconds: secondsOf(seen) }).map(drawFigure),
    );
    drawSaid();
    curves.draw({ run: id, name: nameRun(run), curve, steps });
    samples.draw(curve.samples);
  }

  /** What is to be said of the state; drawn anew only when it is another thing, so that a reader is not interrupted. */
  function drawSaid() {
    const said = seen.gone ? tellGone(seen.gone) : tellState(seen.run, nameOf);
    const text = JSON.stringify([said, seen.run.waits_for]);
    if (text === seen.said) return;
    seen.said = text;
    find("[data-problem]").replaceChildren(
      ...(said ? [drawNotice(said, ...waysOf(said))] : []),
      ...drawLog(said?.log),
    );
    const last = find(".last-lines");
    if (last) last.scrollTop = last.scrollHeight;
  }

  const nameOf = (other) => nameRun(seenRuns().find(({ run }) => run === other) ?? { run: other });

  function waysOf() {
    if (seen.gone?.back) return [way("Bring it back", () => post(`runs/${id}/restore`))];
    if (seen.gone || seen.run.state !== "queued") return [];
    const { place, waits_for: ahead } = seen.run;
    const first = () => send("PUT", "runs/queue", { queue: [id] });
    const show = el("button", { class: "button small", type: "button", text: "Show the run at work" });
    show.addEventListener("click", () => goTo({ run: ahead[0] }));
    return [...(ahead.length >= place ? [show] : []), ...(place > 1 ? [way("Run it next", first)] : [])];
  }

  /** A button that does something with the run, after which the run is looked at from its first event on. */
  function way(text, work) {
    const button = el("button", { class: "button small", type: "button", text });
    button.addEventListener("click", () => act(button, work));
    return button;
  }

  async function act(button, work, after = follow) {
    const run = id;
    button.disabled = true;
    try {
      await work();
      if (run === id) after(run);
      tellChange();
    } catch (problem) {
      if (run === id) find("[data-problem]").replaceChildren(drawProblem(problem));
    }
    button.disabled = false;
  }

  /** Another tab, or a command, may have taken this run away, brought it back or let it go on. */
  function compare(runs) {
    if (!id || !seen.run) return;
    const run = runs.find((one) => one.run === id);
    if (!run && !seen.gone) refresh(id);
    else if (run && (seen.gone || (isFinal(seen.run.state) && run.attempt !== seen.run.attempt))) follow(id);
    else if (run && isFinal(run.state)) take(run);
    else later(); // what it waits for may have another name
  }

  find("[data-act=cancel]").addEventListener("click", ({ target }) =>
    act(
      target,
      async () => take(await post(`runs/${id}/cancel`)),
      () => {},
    ),
  );
  find("[data-act=resume]").addEventListener("click", ({ target }) =>
    act(target, () => post(`runs/${id}/resume`)),
  );
  watchRuns(element, compare);
  onChange(() => trigger("changed", {}));
  const show = () => {
    const run = props.value?.run ?? "";
    if (run !== id) follow(run);
    lookAtRuns();
  };
  watch("value", show);
  show();
}

const blank = () => ({
  run: null,
  curve: blankCurve(),
  step: 0,
  steps: 0,
  seconds: null,
  eta: null,
  scored: "",
});

/** Takes one event into what is known of the run. */
function note(seen, event) {
  addEvent(seen.curve, event);
  if (event.seconds != null) seen.seconds = event.seconds;
  if (event.event === "scoring") {
    seen.scored = `${count(event.step)} of ${count(event.steps)}`;
    return;
  }
  if (event.step != null) seen.step = event.step;
  if (event.steps) seen.steps = event.steps;
  if (event.event === "progress") [seen.eta, seen.scored] = [event.eta, ""];
  if (event.event === "state" && event.state === "evaluating") seen.eta = null;
}

const secondsOf = ({ run, seconds }) => Math.max(run.seconds || 0, seconds || 0) || null;

const tellGone = ({ back, message, hint }) =>
  back
    ? { kind: "info", message: "This run was removed.", hint: "Nothing of it is lost." }
    : { kind: "error", message, hint };

const drawLog = (text) =>
  text ? [el("pre", { class: "log last-lines", tabindex: 0, "aria-label": "The last log lines", text })] : [];

const drawFigure = ([name, value, words]) =>
  el(
    "div",
    {},
    el("dt", { text: name }),
    el("dd", { text: value }, words ? el("small", { text: words }) : null),
  );
