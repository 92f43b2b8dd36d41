/* Before and after: the scores of both models with their difference, and the completions side by side. */

import { getJson } from "../api.js";
import { el } from "../dom.js";
import { visibleText } from "../prompt/text.js";
import { drawNotice, drawProblem } from "../notice.js";
import { goTo } from "../place.js";
import { count, counted, score } from "../words.js";

const PAGE = 5;
// Score, its name, the better direction, digits.
const SCORES = [
  ["loss", "Test loss", "nats a token, lower is better", -1, 3],
  ["bits_per_byte", "Bits per byte", "lower is better", -1, 3],
  ["exact_match", "Exact match", "share of records, higher is better", 1, 3],
  ["token_f1", "Token F1", "words in common, higher is better", 1, 3],
];

const NO_TEST_PART = {
  kind: "info",
  message: "This run has no test part, so there is nothing to compare.",
  hint: "Give the split a test part and train again.",
};

export function comparison({ element, props, watch }) {
  const find = (selector) => element.querySelector(selector);
  const select = find("[data-runs]");
  let [run, offset, asked] = ["", 0, 0];

  async function load() {
    const call = ++asked;
    try {
      const found = await getJson(`runs/${run}/comparison`, { offset, limit: PAGE });
      if (call === asked) draw(found);
    } catch (problem) {
      if (call === asked) drawNothing([drawProblem(problem)]);
    }
  }

  function draw(found) {
    find("[data-problem]").replaceChildren();
    find("[data-label]").textContent = found.label;
    find("[data-scores]").replaceChildren(drawScores(found));
    find("[data-pairs]").replaceChildren(...found.examples.map(drawPair));
    const last = offset + found.examples.length;
    find("[data-pager]").hidden = found.records <= PAGE;
    find("[data-range]").textContent =
      `${count(offset + 1)}–${count(last)} of ${counted(found.records, "test record")}`;
    find("[data-act=previous]").disabled = offset === 0;
    find("[data-act=next]").disabled = last >= found.records;
  }

  function drawNothing(nodes) {
    find("[data-label]").textContent = "";
    find("[data-problem]").replaceChildren(...nodes);
    for (const name of ["scores", "pairs"]) find(`[data-${name}]`).replaceChildren();
    find("[data-pager]").hidden = true;
  }

  function show() {
    const { run: asked = "", runs = [] } = props.value ?? {};
    select.replaceChildren(...runs.map((one) => el("option", { value: one.run, text: nameRun(one) })));
    select.parentElement.hidden = !runs.length;
    const chosen = runs.find((one) => one.run === asked) ?? runs[0];
    if (!chosen) return drawNothing([invite()]);
    select.value = chosen.run;
    if (!chosen.records) return drawNothing([drawNotice(NO_TEST_PART)]);
    if (chosen.run !== run) [run, offset] = [chosen.run, 0];
    return load();
  }

  function turn(by) {
    offset = Math.max(0, offset + by * PAGE);
    load().then(() => find("[data-pairs]").scrollIntoView({ block: "nearest" }));
  }

  find("[data-act=previous]").addEventListener("click", () => turn(-1));
  find("[data-act=next]").addEventListener("click", () => turn(1));
  select.addEventListener("change", () => goTo({ tab: "compare", run: select.value }));
  watch("value", show);
  show();
}

const nameRun = ({ run, started, steps }) =>
  `${run.slice(0, 8)} · ${counted(steps, "step")} · ${started.slice(0, 16).replace("T", " ")}`;

function invite() {
  const link = el("a", {
    class: "button primary",
    href: "?tab=finetune",
    data: { go: "finetune" },
    text: "Go to Fine-tune",
  });
  const words =
    "Run a fine-tune on this table to its end; its test records are then answered before and after.";
  return el(
    "div",
    { class: "empty-stage" },
    el("h2", { text: "Nothing to compare yet" }),
    el("p", { text: words }),
    link,
  );
}

function drawScores({ base, tuned, difference }) {
  const heads = ["Score", "Before", "After", "Difference", "95 % interval"].map((text) =>
    el("th", { scope: "col", text }),
  );
  const rows = SCORES.filter(([name]) => base[name] != null || tuned[name] != null).map(
    ([name, label, words, better, digits]) => {
      const change = difference[name];
      const title = el("th", { scope: "row" }, label, el("small", { text: words }));
      const cells = [score(base[name], digits), score(tuned[name], digits)].map((text) =>
        el("td", { class: "number", text }),
      );
      return el("tr", {}, title, ...cells, ...drawDifference(change, better, digits));
    },
  );
  return el(
    "table",
    { class: "lines scores" },
    el("thead", {}, el("tr", {}, ...heads)),
    el("tbody", {}, ...rows),
  );
}

function drawDifference(change, better, digits) {
  if (!change) return [el("td", { text: "–" }), el("td", { text: "–" })];
  const clear = change.low > 0 || change.high < 0;
  const verdict = !clear ? "unclear" : Math.sign(change.value) === better ? "better" : "worse";
  const sign = change.value > 0 ? "+" : "";
  const value = el(
    "td",
    { class: `number ${verdict}`, text: `${sign}${score(change.value, digits)} ` },
    el("small", { text: verdict }),
  );
  return [
    value,
    el("td", { class: "number", text: `${score(change.low, digits)} to ${score(change.high, digits)}` }),
  ];
}

function drawPair(pair) {
  const title = el("header", {}, el("h3", { text: `Test record ${count(pair.row)}` }));
  const sides = [
    drawText("Prompt", visibleText("prompt", pair.prompt)),
    drawText("Expected", visibleText("expected", pair.expected)),
    drawText("Before", drawCompletion(pair.base), describe(pair.base)),
    drawText("After", drawCompletion(pair.tuned), describe(pair.tuned)),
  ];
  return el(
    "article",
    { class: "card pair", "aria-label": `Test record ${pair.row}` },
    title,
    el("div", { class: "sides" }, ...sides),
  );
}

function drawText(name, text, words = "") {
  const head = el("h4", { text: name }, words ? el("span", { class: "quiet", text: words }) : null);
  return el(
    "div",
    { class: `side is-${name.toLowerCase()}` },
    head,
    el("div", { class: "completion" }, text),
  );
}

function drawCompletion({ completion }) {
  if (completion == null) return el("span", { class: "nothing", text: "no prompt to complete" });
  return completion === "" ? el("span", { class: "nothing", text: "empty" }) : visibleText("", completion);
}

function describe({ loss, exact_match: exact, token_f1: f1, finished }) {
  const words = [`loss ${score(loss, 2)}`];
  if (exact === 1) words.push("exact match");
  else if (f1 != null) words.push(`F1 ${score(f1, 2)}`);
  if (finished === false) words.push("cut at the limit");
  return words.join(" · ");
}
