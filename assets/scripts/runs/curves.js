/* The chart of a run with its choices: which measure, on which scale, how smooth; and other runs beside it. */

import { makeChart } from "./chart.js";
import { compareRun, comparedRuns, onCompared } from "./compared.js";
import { MEASURES } from "./curve.js";
import { debounce, el } from "../dom.js";
import { score } from "../words.js";

const KEPT = "studio.chart";

/** The chart in `room`; `draw({run, name, curve, steps})` draws the run that is shown. `onPick(step)` hears a click. */
export function makeCurves(room, onPick) {
  const find = (selector) => room.querySelector(selector);
  const chart = makeChart(find("figure"), onPick);
  const choices = { measure: "loss", log: false, smoothing: 0, ...readKept() };
  let shown = null;

  function draw(run = shown) {
    shown = run;
    if (!run) return;
    const measure = MEASURES[choices.measure] ?? MEASURES.loss;
    const others = comparedRuns().filter(({ run: id, curve }) => id !== run.run && curve);
    const lines = [run, ...others].flatMap((one) => linesOf(one, measure, others.length > 0));
    chart.draw({
      lines,
      steps: Math.max(run.steps ?? 0, ...others.map(({ steps }) => steps ?? 0)),
      log: choices.log && measure.log,
      smoothing: choices.smoothing,
      spell: measure.spell,
      label: measure.label,
    });
    room.hidden = !run.curve.train.length && !run.curve.validation.length && !others.length;
    find("[data-none]").hidden = lines.some(({ points }) => points.length);
    find("[name=log]").disabled = !measure.log;
    find("[data-unit]").textContent = measure.unit;
    find("[data-legend]").replaceChildren(...drawLegend(run, others, lines));
  }

  function change(changes) {
    Object.assign(choices, changes);
    keep(choices);
    draw();
  }

  const [measure, log, smoothing] = ["measure", "log", "smoothing"].map((name) => find(`[name=${name}]`));
  measure.replaceChildren(
    ...Object.entries(MEASURES).map(([value, { label }]) => el("option", { value, text: label })),
  );
  measure.value = choices.measure in MEASURES ? choices.measure : "loss";
  log.checked = choices.log;
  smoothing.value = choices.smoothing;
  measure.addEventListener("change", () => change({ measure: measure.value }));
  log.addEventListener("change", () => change({ log: log.checked }));
  smoothing.addEventListener("input", () => change({ smoothing: Number(smoothing.value) }));
  onCompared(() => draw());
  new ResizeObserver(debounce(() => room.offsetParent && draw(), 50)).observe(room);
  return { draw };
}

/** The lines of a run; with others beside it every run has one colour, and each line says whose it is. */
function linesOf({ name, color, curve }, measure, several) {
  const end = Math.max(curve.train.at(-1)?.[0] ?? 0, curve.validation.at(-1)?.[0] ?? 0);
  return measure.lines(curve).map(([line, points]) => {
    const kind = line === "training" ? "thin" : line === "validation" ? "thick" : "plain";
    const own = kind === "thin" ? "train" : kind === "thick" ? "validation" : "own";
    return {
      name: several ? `${name}, ${line}` : capital(line),
      kind,
      color: several ? (color ?? 0) : own,
      points,
      end,
    };
  });
}

const capital = (word) => word[0].toUpperCase() + word.slice(1);

function drawLegend(run, others, lines) {
  if (!others.length)
    return lines
      .filter(({ points }) => points.length)
      .map(({ name, kind, color }) => el("li", {}, el("i", { class: `${kind} line-${color}` }), name));
  return [run, ...others].map((one) => {
    const best = one.curve.validation.map(([, loss]) => loss);
    const words = best.length ? ` · best ${score(best.reduce((a, b) => Math.min(a, b)))}` : "";
    return el(
      "li",
      {},
      el("i", { class: `thick line-${one.color ?? 0}` }),
      el("span", {}, one.name, el("span", { class: "quiet", text: words })),
      one === run ? null : drawDrop(one),
    );
  });
}

function drawDrop(one) {
  const button = el("button", {
    class: "drop-line",
    type: "button",
    text: "×",
    "aria-label": `Take ${one.name} off the chart`,
  });
  button.addEventListener("click", () => compareRun(one, false));
  return button;
}

function readKept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? {};
  } catch {
    return {};
  }
}

function keep(choices) {
  try {
    localStorage.setItem(KEPT, JSON.stringify(choices));
  } catch {
    // A browser that keeps nothing forgets the choice with the page.
  }
}
