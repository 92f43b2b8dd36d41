/* The distribution in a column's header: bars of lengths or numbers, or values side by side. Every bar that
   holds a record is a button that filters by it; arrow keys go from one to the next. */

import { conditionOf, describeBar, heightsOf, isSegmented, labelBar } from "./bars.js";
import { holdsBar } from "./conditions.js";
import { el } from "../dom.js";
import { count, nameOf } from "../words.js";

/** Fills `box` with the bars of a column; `onBar(condition)` is called for the one that is chosen. */
export function drawDistribution(box, stats, filters, onBar) {
  const segments = isSegmented(stats);
  const heights = heightsOf(stats.bars);
  const drawn = stats.bars.map((bar, i) => drawBar(stats, bar, heights[i], { segments, filters, onBar }));
  if (segments && stats.other > 0) drawn.push(drawRest(stats.other));
  const title = segments ? "Values" : stats.shape === "number" ? "Numbers" : "Lengths";
  box.className = segments ? "distribution segments" : "distribution";
  box.replaceChildren(...drawn);
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", `${title} of ${nameOf(stats)}`);
  const [first] = box.querySelectorAll("button");
  if (first) first.tabIndex = 0;
  box.onkeydown = (event) => moveAlong(event, box);
}

function drawBar(stats, bar, height, { segments, filters, onBar }) {
  if (!bar.count) return el("span", { class: "bar none", title: describeBar(stats, bar) });
  const condition = conditionOf(stats, bar);
  const fill = el("i");
  const button = el(
    "button",
    {
      class: "bar",
      type: "button",
      tabindex: -1,
      "aria-pressed": holdsBar(filters, condition),
      "aria-label": labelBar(stats, bar),
      title: `${describeBar(stats, bar)}. Click to filter`,
    },
    fill,
  );
  if (segments) button.style.flexGrow = bar.count;
  else fill.style.height = `${height}%`;
  button.addEventListener("click", () => onBar(condition));
  return button;
}

function drawRest(other) {
  const rest = el("span", { class: "bar rest", title: `Other values, ${count(other)} records` });
  rest.style.flexGrow = other;
  return rest;
}

function moveAlong(event, box) {
  const bars = [...box.querySelectorAll("button")];
  const at = bars.indexOf(event.target);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: bars.length - 1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  const next = bars[Math.max(0, Math.min(to, bars.length - 1))];
  bars[at].tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}
