/* The loss of a run as an SVG: training as a thin line, validation as points joined. Knows numbers, not runs. */

import { svg } from "../dom.js";
import { count } from "../words.js";

const [HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [220, 40, 12, 10, 24];
const MOST_POINTS = 600;

/** Draws series of [step, loss] into `figure`, which gets a label that says the same in words. */
export function drawChart(figure, { train, validation, steps }) {
  const points = [...train, ...validation];
  if (points.length < 2) return;
  const width = Math.max(240, figure.clientWidth);
  const losses = points.map(([, loss]) => loss);
  const y = scale(Math.min(...losses), Math.max(...losses), HEIGHT - BOTTOM, TOP);
  const x = scale(0, Math.max(steps, ...points.map(([step]) => step)), LEFT, width - RIGHT);
  const chart = svg("svg", {
    viewBox: `0 0 ${width} ${HEIGHT}`,
    role: "img",
    "aria-label": describe(train, validation),
  });
  for (const value of ticks(y)) chart.append(...gridLine(value, y.at(value), width));
  for (const value of [0, x.high / 2, x.high]) chart.append(stepLabel(value, x));
  chart.append(line("train", thin(train), x, y), line("validation", validation, x, y));
  for (const [step, loss] of validation) {
    const point = svg("circle", { class: "validation", cx: x.at(step), cy: y.at(loss), r: 3 });
    point.append(svg("title", { text: `validation ${loss.toFixed(3)} at step ${count(step)}` }));
    chart.append(point);
  }
  figure.replaceChildren(chart);
}

function scale(low, high, from, to) {
  const room = high - low || 1;
  return { low, high, at: (value) => from + ((value - low) / room) * (to - from) };
}

const ticks = ({ low, high }) => [0, 1, 2, 3].map((i) => low + ((high - low) * i) / 3);

function gridLine(value, at, width) {
  const rule = svg("line", { x1: LEFT, x2: width - RIGHT, y1: at, y2: at });
  return [rule, svg("text", { x: LEFT - 6, y: at + 4, "text-anchor": "end", text: value.toFixed(2) })];
}

function stepLabel(value, x) {
  const anchor = value === 0 ? "start" : value === x.high ? "end" : "middle";
  return svg("text", {
    x: x.at(value),
    y: HEIGHT - 6,
    "text-anchor": anchor,
    text: `${count(Math.round(value))}`,
  });
}

function line(name, points, x, y) {
  const path = points.map(([step, loss]) => `${x.at(step).toFixed(1)},${y.at(loss).toFixed(1)}`).join(" ");
  return svg("polyline", { class: name, points: path });
}

function thin(points) {
  const every = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, i) => i % every === 0 || i === points.length - 1);
}

function describe(train, validation) {
  const last = (points) => (points.length ? points.at(-1)[1].toFixed(3) : "not measured");
  const best = validation.length
    ? `, at best ${Math.min(...validation.map(([, loss]) => loss)).toFixed(3)}`
    : "";
  return `Loss by step. Training: ${last(train)}. Validation: ${last(validation)}${best}.`;
}
