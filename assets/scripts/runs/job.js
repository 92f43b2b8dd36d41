/* One fine-tune as it runs: state, figures, chart, answers, log, and the buttons that stop it and let it go on. */

import { post, send } from "../api.js";
import { lookAtRuns, onChange, seenRuns, tellChange, watchRuns } from "./all.js";
import { makeCurves } from "./curves.js";
import { el } from "../dom.js";
import { figuresOf } from "./figures.js";
import { makeFollower } from "./following.js";
import { makeLog } from "./log.js";
import { drawNotice, drawProblem } from "../notice.js";
import { goTo, readPlace, writePlace } from "../place.js";
import { isFinal, nameRun } from "./run.js";
import { makeSamples } from "./samples.js";
import { tellState } from "./tell.js";
import { count } from "../words.js";

export function job({ element, props, trigger, watch }) {
  const find = (selector) => element.querySelector(selector);
  const samples = makeSamples(find("[data-samples]"));
  const curves = makeCurves(find("[data-curves]"), samples.pick);
  const log = makeLog(find("[data-log-room]"));
  const follower = makeFollower(later);
  let [id, said, waiting, wanted] = ["", "", false, false];

  function follow(run) {
    [id, said] = [run, ""];
    find("[data-card]").hidden = true;
    find("[data-problem]").replaceChildren();
    samples.reset();
    samples.draw([]);
    log.read(run);
    if (run) writePlace({ run });
    follower.follow(run);
  }

  /** Many events may come at once; they are drawn together. */
  function later() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      const seen = follower.seen();
      if (id && seen.run) draw(seen);
    });
  }

  function draw(seen) {
    const { run, gone, lost, curve } = seen;
    const over = isFinal(run.state) || Boolean(gone);
    const [step, steps] = [over ? Math.max(seen.step, run.step ?? 0) : seen.step, run.steps || seen.steps];
    const seconds = Math.max(run.seconds || 0, seen.seconds || 0) || null;
    find("[data-card]").hidden = false;
    find("[data-name]").textContent = run.name || "Run";
    find("[data-run]").textContent = id.slice(0, 8);
    drawState(
      gone ? "no longer there" : lost && !over ? "connection lost" : run.state,
      gone || lost ? "" : run.state,
    );
    drawWays(run, over, gone);
    find("[data-bar]").value = run.state === "succeeded" ? 1 : step / Math.max(1, steps);
    find("[data-word]").textContent = seen.word;
    find("[data-figures]").replaceChildren(...figuresOf({ ...seen, step, steps, seconds }).map(drawFigure));
    drawSaid(seen);
    curves.draw({ run: id, name: nameRun(run), curve, steps });
    samples.draw(curve.samples);
    log.follow(over);
    if (wanted) find("[data-card]").scrollIntoView({ block: "start" });
    wanted = false;
  }

  function drawState(words, state) {
    const badge = find("[data-state]");
    if (badge.textContent !== words) badge.textContent = words;
    badge.dataset.state = state;
  }

  function drawWays(run, over, gone) {
    const [cancel, resume] = [find("[data-act=cancel]"), find("[data-act=resume]")];
    cancel.hidden = over;
    cancel.disabled = run.state === "cancelling";
    resume.hidden = gone || !(over && run.resumable);
    resume.title = run.checkpoint ? `From step ${count(run.checkpoint)}` : "From the beginning";
    find("[data-compare]").hidden = gone || run.state !== "succeeded";
  }

  /** What is to be said of the state; drawn only when it is another thing, so that nobody is told twice. */
  function drawSaid({ run, gone }) {
    const words = gone ? tellGone(gone) : tellState(run, nameOf);
    const text = JSON.stringify([words, run.waits_for]);
    if (text === said) return;
    said = text;
    const room = find("[data-problem]");
    room.replaceChildren(...(words ? [drawNotice(words, ...waysOf(run, gone))] : []), ...drawLog(words?.log));
    const last = room.querySelector(".last-lines");
    if (last) last.scrollTop = last.scrollHeight;
  }

  function waysOf({ state, place, waits_for: ahead }, gone) {
    if (gone?.back) return [way("Bring it back", () => post(`runs/${id}/restore`))];
    if (gone || state !== "queued") return [];
    const show = el("button", { class: "button small", type: "button", text: "Show the run at work" });
    show.addEventListener("click", () => goTo({ run: ahead[0] }));
    const next = way("Run it next", () => send("PUT", "runs/queue", { queue: [id] }));
    return [...(ahead.length >= place ? [show] : []), ...(place > 1 ? [next] : [])];
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
    button.classList.add("at-work");
    try {
      const answer = await work();
      if (run === id) after(run, answer);
      tellChange();
    } catch (problem) {
      if (run === id) find("[data-problem]").replaceChildren(drawProblem(problem));
      said = "";
    }
    button.classList.remove("at-work");
    button.disabled = false;
  }

  find("[data-act=cancel]").addEventListener("click", ({ target }) =>
    act(
      target,
      () => post(`runs/${id}/cancel`),
      (run, found) => follower.take(found),
    ),
  );
  find("[data-act=resume]").addEventListener("click", ({ target }) =>
    act(target, () => post(`runs/${id}/resume`)),
  );
  watchRuns(element, follower.compare);
  onChange(() => trigger("changed", {}));
  const show = () => {
    const run = props.value?.run ?? "";
    // A run that was asked for, by its row in the list or by its launch, is brought into view.
    wanted = Boolean(id) && run !== id && readPlace().run === run;
    if (run !== id) follow(run);
    lookAtRuns();
  };
  watch("value", show);
  show();
}

const nameOf = (other) => nameRun(seenRuns().find(({ run }) => run === other) ?? { run: other });

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
