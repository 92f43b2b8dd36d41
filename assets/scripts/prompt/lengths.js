/* The token lengths of all records: a histogram whose bars open their records, and the line of the max length, with
   how many answers fit, are cut and are lost there. While the line moves the last exact counts stay, marked. */

import { el } from "../dom.js";
import { drawNotice, drawProblem } from "../notice.js";
import { goTo } from "../place.js";
import { NO_QUERY, writeQuery } from "../browse/query.js";
import { checkAgain, watchCheck } from "./check.js";
import {
  describeBar,
  drawnBars,
  placeOf,
  sayLimit,
  sayProgress,
  scaleOf,
  spellRange,
  summarise,
  ticksOf,
} from "./lengthscale.js";
import { limitLine } from "./limitline.js";
import { sayPreparing, setMaxLength, tokenizerOf } from "./tokenizer.js";
import { count } from "../words.js";

const FATES = [
  ["fit", "Fit", "all of it is seen"],
  ["cut", "Cut", "the answer loses its end"],
  ["lost", "Lost", "nothing of it is left: left out"],
];

export function lengths({ element }) {
  const parts = drawParts(element.querySelector(".st") ?? element);
  const line = limitLine(parts.plot, move);
  parts.plot.append(line.element);
  let [table, check, scale, drawn] = ["", "", null, ""];

  function draw({ answer, limit, pending, problem, unkept, table: now }) {
    if (now !== table || answer?.id !== check) scale = null;
    [table, check] = [now, answer?.id ?? ""];
    say([...drawState(answer, problem), ...(unkept ? [drawProblem(unkept)] : [])]);
    parts.root.hidden = !table;
    const bars = answer?.lengths.bars ?? [];
    parts.body.hidden = !bars.length;
    parts.root.ariaBusy = String(pending || (!answer && !problem));
    parts.fates.classList.toggle("pending", pending);
    parts.summary.textContent = bars.length ? summarise(answer.lengths) : "";
    parts.progress.textContent = answer && !pending ? sayProgress(answer) : "";
    if (bars.length) drawLengths(answer, limit ?? answer.max_length, pending);
  }

  /** Says it only where it is something else, or it would be heard again and again. */
  function say(notices) {
    const words = notices.map(({ textContent }) => textContent).join("");
    if (words !== parts.state.textContent) parts.state.replaceChildren(...notices);
  }

  function drawState(answer, problem) {
    if (problem) return [drawProblem(problem, tryAgain())];
    if (answer?.lengths.bars.length) return [];
    if (!answer || answer.state === "preparing")
      return [drawNotice({ kind: "busy", message: sayPreparing(answer?.tokenizer ?? tokenizerOf(table)) })];
    if (answer.state === "running") return [drawNotice({ kind: "busy", message: "Counting the tokens …" })];
    return [el("p", { class: "quiet", text: "There is no record whose tokens can be counted." })];
  }

  function drawLengths({ lengths: of }, limit, pending) {
    scale = scaleOf(of.bars, limit, scale);
    drawBars(of.bars, limit);
    parts.ticks.replaceChildren(...ticksOf(scale).map(drawTick));
    parts.fates.replaceChildren(...FATES.map((fate) => drawFate(fate, of, pending)));
    line.element.hidden = limit == null;
    const words = pending ? `${count(limit)} tokens, counting` : limit == null ? "" : sayLimit(limit, of);
    if (limit != null) line.draw({ value: limit, scale, longest: of.max, words });
  }

  /** Draws the bars anew only where they are others, so that the one at hand keeps the focus. */
  function drawBars(bars, limit) {
    const shapes = drawnBars(bars, scale, limit);
    const spelled = JSON.stringify([bars, scale]);
    if (spelled !== drawn) {
      const at = [...parts.bars.children].indexOf(document.activeElement);
      parts.bars.replaceChildren(...bars.map((bar, i) => drawBar(bar, shapes[i], () => open(bar))));
      const first = parts.bars.querySelector("button");
      if (first) first.tabIndex = 0;
      if (at >= 0) focusBar(Math.min(at, bars.length - 1));
    }
    drawn = spelled;
    shapes.forEach(({ over }, i) => parts.bars.children[i].classList.toggle("over", over));
    parts.beyond.style.left = `${limit == null ? 100 : placeOf(scale, limit)}%`;
  }

  function focusBar(at) {
    const bar = parts.bars.children[at];
    if (bar.tagName !== "BUTTON") return;
    for (const other of parts.bars.querySelectorAll("[tabindex='0']")) other.tabIndex = -1;
    bar.tabIndex = 0;
    bar.focus();
  }

  function moveAlong(event) {
    const bars = [...parts.bars.querySelectorAll("button")];
    const at = bars.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: bars.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    focusBar([...parts.bars.children].indexOf(bars[Math.max(0, Math.min(to, bars.length - 1))]));
  }

  const open = (bar) =>
    goTo({
      ...writeQuery({ ...NO_QUERY, among: { check, tokens: spellRange(bar) } }),
      tab: "browse",
      row: null,
      offset: null,
    });

  function move(value, how) {
    setMaxLength(table, value, how);
  }

  parts.bars.addEventListener("keydown", moveAlong);
  watchCheck(element, draw);
}

function tryAgain() {
  const button = el("button", { class: "button small", type: "button", text: "Try again" });
  button.addEventListener("click", checkAgain);
  return button;
}

function drawParts(root) {
  const [summary, progress] = [
    el("span", { class: "quiet" }),
    el("span", { class: "progress", role: "status" }),
  ];
  const state = el("div", { class: "length-state", "aria-live": "polite" });
  const bars = el("div", { class: "bars", role: "group", "aria-label": "Records by token length" });
  const beyond = el("i", { class: "beyond", "aria-hidden": "true" });
  const plot = el("div", { class: "plot" }, beyond, bars);
  const ticks = el("div", { class: "ticks", "aria-hidden": "true" });
  const fates = el("dl", { class: "figures three" });
  const body = el("div", { hidden: true }, el("div", { class: "histogram" }, plot, ticks), fates);
  const head = el("header", {}, el("h2", { text: "Token length, all records" }), progress, summary);
  root.classList.add("card", "lengths");
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", "Token lengths");
  root.replaceChildren(head, state, body);
  return { root, summary, progress, state, bars, beyond, plot, ticks, fates, body };
}

function drawBar(bar, { left, width, height }, open) {
  const fill = el("i");
  fill.style.height = `${height}%`;
  const words = describeBar(bar);
  const node = bar.count
    ? el("button", { type: "button", tabindex: -1, "aria-label": `${words}. Show them`, title: words }, fill)
    : el("span");
  node.style.left = `${left}%`;
  node.style.width = `${width}%`;
  if (bar.count) node.addEventListener("click", open);
  return node;
}

function drawTick({ length, place }) {
  const tick = el("span", { text: count(length) });
  tick.style.left = `${place}%`;
  return tick;
}

const drawFate = ([name, title, words], of, pending) =>
  el(
    "div",
    { class: of[name] && name !== "fit" ? "bad" : "", title: words },
    el("dt", { text: title }),
    el("dd", { text: pending ? `${count(of[name])} …` : count(of[name]) }, el("small", { text: words })),
  );
