/* Lines by step as an SVG, with a cursor that tells the values at a step: by the pointer, or by the arrow keys. Knows
   numbers and names, not runs. */

import { el, svg } from "../dom.js";
import { logTicks, makeScale, nearest, rangeOf, smooth, stepTicks, thin, ticks } from "./scales.js";
import { count } from "../words.js";

const [HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [230, 50, 14, 12, 24];

/** A chart in `figure`. `draw({lines, steps, log, smoothing, spell, label})` draws it anew; a line is {name, kind,
 * color, points, end}: `kind` is thin (and smoothed), thick with dots, or plain; `end` the last step of its run. `onPick(step)` is called at a click. */
export function makeChart(figure, onPick) {
  const [room, told] = [el("div", { class: "chart-lines" }), el("div", { class: "chart-tip", hidden: true })];
  const cursor = el("div", {
    class: "chart-cursor",
    role: "slider",
    tabindex: 0,
    "aria-orientation": "horizontal",
  });
  figure.replaceChildren(room, cursor, told);
  let shown = null;
  let at = null; // the step that is pointed at

  function draw(model) {
    const lines = model.lines.filter(({ points }) => points.length);
    shown = lines.length ? lay(lines, model, Math.max(240, figure.clientWidth)) : null;
    figure.hidden = !shown;
    if (!shown) return;
    room.replaceChildren(drawAll(shown, model));
    Object.assign(cursor.style, {
      left: `${LEFT}px`,
      right: `${RIGHT}px`,
      top: `${TOP}px`,
      bottom: `${BOTTOM}px`,
    });
    cursor.setAttribute("aria-label", `${model.label} by step`);
    cursor.setAttribute("aria-valuemin", 0);
    cursor.setAttribute("aria-valuemax", shown.x.high);
    point(at);
  }

  /** Tells the values at the step nearest to this one; null tells none. */
  function point(step) {
    at = step;
    const steps = shown?.steps ?? [];
    const index = step == null ? steps.length - 1 : nearest(steps, step);
    told.hidden = step == null || index < 0;
    room.querySelector(".at")?.remove();
    if (index < 0) return;
    const [found] = steps[index];
    const values = valuesAt(shown.lines, found);
    const words = values.map(({ name, value }) => `${name} ${shown.spell(value)}`).join(", ");
    cursor.setAttribute("aria-valuenow", found);
    cursor.setAttribute("aria-valuetext", `Step ${count(found)}: ${words}`);
    if (told.hidden) return;
    room.firstChild.append(drawMark(shown, found, values));
    told.replaceChildren(
      el("b", { text: `Step ${count(found)}` }),
      ...values.map((value) => drawValue(value, shown)),
    );
    const side = shown.x.at(found) > shown.width / 2;
    told.style.left = side ? "auto" : `${shown.x.at(found) + 12}px`;
    told.style.right = side ? `${shown.width - shown.x.at(found) + 12}px` : "auto";
  }

  function move(by) {
    const { steps } = shown;
    const now = at == null ? steps.length - 1 + (by < 0 ? 1 : 0) : nearest(steps, at);
    point(steps[Math.max(0, Math.min(steps.length - 1, now + by))][0]);
  }

  cursor.addEventListener("pointermove", ({ clientX }) => {
    if (shown) point(shown.x.value(clientX - figure.getBoundingClientRect().left));
  });
  cursor.addEventListener("pointerleave", () => document.activeElement !== cursor && point(null));
  cursor.addEventListener("blur", () => point(null));
  cursor.addEventListener(
    "click",
    () => at != null && shown && onPick?.(shown.steps[nearest(shown.steps, at)][0]),
  );
  cursor.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -1e9, End: 1e9 }[event.key];
    if (event.key === "Enter" && at != null) onPick?.(at);
    if (event.key === "Escape") point(null);
    if (!by || !shown) return;
    event.preventDefault();
    move(by);
  });
  return { draw };
}

/** Where everything goes: what is drawn of each line, the two scales, and the steps that have a value. */
function lay(lines, { steps, log, smoothing, spell }, width) {
  const drawn = lines.map((line) =>
    line.kind === "thin" ? { ...line, raw: line.points, points: smooth(line.points, smoothing) } : line,
  );
  const all = lines.flatMap(({ points }) => points);
  const range = rangeOf(
    all.map(([, value]) => value),
    { log },
  ) ?? [0, 1];
  const found = [...new Set(all.map(([step]) => step))].sort((a, b) => a - b);
  return {
    lines: drawn,
    width,
    spell,
    log,
    steps: found.map((step) => [step]),
    y: makeScale(...range, HEIGHT - BOTTOM, TOP, { log }),
    x: makeScale(0, Math.max(steps ?? 0, found.at(-1), 1), LEFT, width - RIGHT),
  };
}

function drawAll(shown, { label, smoothing }) {
  const { x, y, width, lines, log } = shown;
  const chart = svg("svg", {
    viewBox: `0 0 ${width} ${HEIGHT}`,
    width,
    height: HEIGHT,
    role: "img",
    "aria-label": describe(shown, label),
  });
  for (const value of (log ? logTicks : ticks)(y.low, y.high)) chart.append(...gridLine(shown, value));
  for (const value of stepTicks(x.high, width < 420 ? 3 : 6)) chart.append(stepLabel(value, x));
  for (const line of lines) {
    if (line.raw && smoothing) chart.append(drawLine(line, line.raw, shown, "raw"));
    chart.append(drawLine(line, line.points, shown, line.kind));
    if (line.kind === "thick") chart.append(...line.points.map((point) => dot(line, point, shown)));
  }
  return chart;
}

function gridLine({ y, width, spell }, value) {
  const at = y.at(value);
  const rule = svg("line", { x1: LEFT, x2: width - RIGHT, y1: at, y2: at });
  return [rule, svg("text", { x: LEFT - 8, y: at + 4, "text-anchor": "end", text: shorten(spell(value)) })];
}

/** A tick is round: it needs no zeros at its end. */
const shorten = (text) => text.replace(/(\.\d*?)0+(?=$|\D)/, "$1").replace(/\.(?=$|\D)/, "");

function stepLabel(value, x) {
  const anchor = value === 0 ? "start" : value === x.high ? "end" : "middle";
  return svg("text", { x: x.at(value), y: HEIGHT - 6, "text-anchor": anchor, text: count(value) });
}

function drawLine({ color }, points, { x, y, log }, kind) {
  const fitting = log ? points.filter(([, value]) => value > 0) : points;
  const path = thin(fitting).map(([step, value]) => `${x.at(step).toFixed(1)},${y.at(value).toFixed(1)}`);
  return svg("polyline", { class: `${kind} line-${color}`, points: path.join(" ") });
}

const dot = ({ color }, [step, value], { x, y, log }) =>
  log && value <= 0 ? "" : svg("circle", { class: `line-${color}`, cx: x.at(step), cy: y.at(value), r: 2.5 });

/** Of each line the value at this step, or at the last one before it; one that has not begun, or is over, has none. */
function valuesAt(lines, step) {
  return lines.flatMap((line) => {
    const index = line.points.findLastIndex(([one]) => one <= step);
    if (index < 0 || step > (line.end ?? step)) return [];
    const [found] = line.points[index];
    return [
      { ...line, step: found, value: (line.raw ?? line.points)[index][1], drawn: line.points[index][1] },
    ];
  });
}

function drawMark({ x, y, log }, step, values) {
  const rule = svg("line", { class: "cursor", x1: x.at(step), x2: x.at(step), y1: TOP, y2: HEIGHT - BOTTOM });
  const dots = values
    .filter(({ drawn }) => !log || drawn > 0)
    .map((value) =>
      svg("circle", { class: `line-${value.color}`, cx: x.at(value.step), cy: y.at(value.drawn), r: 4 }),
    );
  return svg("g", { class: "at" }, rule, ...dots);
}

const drawValue = ({ name, color, kind, value }, { spell }) =>
  el(
    "span",
    {},
    el("i", { class: `${kind} line-${color}` }),
    el("span", { text: name }),
    el("b", { text: spell(value) }),
  );

function describe({ lines, spell }, label) {
  const said = lines.map(({ name, points, raw }) => {
    const values = (raw ?? points).map(([, value]) => value);
    return `${name} ${spell(values[0])} at first, ${spell(values.at(-1))} at last, ${spell(values.reduce((a, b) => Math.min(a, b)))} at least`;
  });
  return `${label} by step. ${said.join(". ")}.`;
}
