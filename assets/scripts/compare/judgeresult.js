/* What a judge said: means with their intervals, what the order does, and the replies one by one. */

import { drawReplies } from "./judgereplies.js";
import { el } from "../dom.js";
import { drawNotice, drawProblem } from "../notice.js";
import { count, counted, score } from "../words.js";

const SIDES = [
  ["base", "Before"],
  ["tuned", "After"],
];

/** Draws the judging `one` of `judgings` into `room`. */
export function drawResult(room, { one, judgings, run, choose, goOn }) {
  const opened = [...room.querySelectorAll("details[open]")].map((fold) => fold.dataset.fold);
  const running = one.state === "running";
  room.replaceChildren(
    ...[
      judgings.length > 1 ? drawChoice(one, judgings, choose) : null,
      ...(running ? [] : drawEnd(one, goOn)),
      one.difference ? drawScores(one) : null,
      el("p", { class: "judge-verdict", text: one.sentence }),
      one.orders ? el("p", { text: describeOrders(one.orders) }) : null,
      el("p", { class: "quiet", text: describeCalls(one) }),
      ...(running ? [] : drawFolds(one, run)),
    ].filter(Boolean),
  );
  for (const fold of room.querySelectorAll("details")) fold.open = opened.includes(fold.dataset.fold);
}

function drawChoice(one, judgings, choose) {
  const options = judgings.map((each) => el("option", { value: each.judge, text: nameJudging(each) }));
  const select = el("select", {}, ...options);
  select.value = one.judge;
  select.addEventListener("change", () => choose(select.value));
  return el("label", { class: "judge-choice" }, "Judging", select);
}

const nameJudging = ({ model, mode, state, records }) =>
  `${model} · ${mode} · ${state === "done" ? counted(records, "record") : state}`;

/** Why it ended before its end, and the way on. */
function drawEnd(one, goOn) {
  if (!one.missing) return [];
  const spent = one.sent >= one.budget;
  const way = el("button", { class: "button small", type: "button", text: spent ? "Raise the budget" : "Go on" });
  way.addEventListener("click", () => goOn(one));
  if (one.problem) return [drawProblem(one.problem, way)];
  const missing = `${counted(one.missing, "call")} ${one.missing === 1 ? "is" : "are"} missing; what is answered is kept.`;
  const message = spent ? "The budget is used up." : one.state === "stopped" ? "The judging was stopped." : "Not every call was answered.";
  return [drawNotice({ kind: "info", message, hint: missing }, way)];
}

function drawScores({ mean, interval, difference, records }) {
  const heads = ["Side", "Mean score", "95 % interval"].map((text) => el("th", { scope: "col", text }));
  const rows = SIDES.map(([side, name]) =>
    drawRow(name, score(mean[side], 1), interval[side], `is-${side}`, mean[side]),
  );
  const { value, low, high } = difference;
  const clear = low > 0 || high < 0;
  const look = clear ? (value > 0 ? "better" : "worse") : "";
  rows.push(drawRow("Difference", signed(value), [low, high], look, null, signed));
  return el(
    "div",
    { class: "scroll-x", tabindex: 0, role: "region", "aria-label": "Table of the judge’s scores" },
    el(
      "table",
      { class: "lines judge-scores" },
      el("caption", { class: "off-screen", text: `Scores of ${counted(records, "record")}` }),
      el("thead", {}, el("tr", {}, ...heads)),
      el("tbody", {}, ...rows),
    ),
  );
}

function drawRow(name, value, [low, high], look, bar, spell = (number) => score(number, 1)) {
  const meter = bar == null ? null : el("i", { class: "judge-bar", "aria-hidden": "true" });
  if (meter) meter.style.setProperty("--share", `${bar}%`);
  return el(
    "tr",
    {},
    el("th", { scope: "row", text: name }),
    el("td", { class: `number ${look}` }, el("span", { text: value }), meter),
    el("td", { class: "number", text: `${spell(low)} to ${spell(high)}` }),
  );
}

const signed = (value) => `${value > 0 ? "+" : ""}${score(value, 1)}`;

function describeOrders({ records, same_winner: same, first_gains: gains, correlation }) {
  const agree = `Both orders name the same better answer in ${Math.round(100 * same)} % of ${counted(records, "record")}`;
  const related = correlation == null ? "" : `, correlation ${score(correlation, 2)}`;
  return `${agree}${related}; being shown first is worth ${signed(gains)} points.`;
}

function describeCalls(one) {
  const words = [`${count(one.answered)} of ${counted(one.calls, "call")} answered`];
  words.push(one.no_number ? `${count(one.no_number)} without a number` : "every reply is a number");
  words.push(`${count(one.sent)} of at most ${counted(one.budget, "request")} sent`);
  if (one.chosen < one.of) words.push(`${count(one.chosen)} of ${counted(one.of, "record")}, chosen by the seed`);
  if (!one.answered) words.splice(1, 1);
  return words.join(" · ");
}

function drawFolds(one, run) {
  const path = `runs/${run}/judges/${one.judge}/replies`;
  const folds = [];
  if (one.no_number) folds.push(drawReplies(path, "no-number", `Replies without a number (${count(one.no_number)})`));
  if (one.failed && one.missing) folds.push(drawReplies(path, "failed", "Calls without a reply"));
  if (one.answered) folds.push(drawReplies(path, "all", `Every call (${count(one.answered)})`));
  const told = { endpoint: one.endpoint, model: one.model, temperature: one.temperature, seed: one.seed, "max tokens": one.max_tokens };
  const lines = Object.entries(told).filter(([, value]) => value != null);
  folds.push(
    el(
      "details",
      { data: { fold: "asked" } },
      el("summary", { text: "How it was asked" }),
      el("dl", { class: "judge-told" }, ...lines.flatMap(([name, value]) => [el("dt", { text: name }), el("dd", { text: value })])),
      el("pre", { class: "judge-text completion", tabindex: 0, "aria-label": "Prompt", text: one.prompt }),
    ),
  );
  return folds;
}
