/* The answers to the same few prompts at every evaluation, one evaluation at a time, so that one sees it learn. */

import { el } from "../dom.js";
import { nearest } from "./scales.js";
import { count } from "../words.js";

/** The answers in `room`. `draw(steps)` takes [step, answers] in order; `pick(step)` shows the evaluation nearest to a
 * step. The newest one is shown until a person has chosen another. */
export function makeSamples(room) {
  const find = (selector) => room.querySelector(selector);
  const [slider, list, words] = [find("input"), find("[data-list]"), find("[data-words]")];
  let steps = [];
  let [index, follows, drawn] = [0, true, null];

  function draw(found) {
    steps = found;
    room.hidden = !steps.length;
    if (room.hidden) return;
    index = follows ? steps.length - 1 : Math.min(index, steps.length - 1);
    slider.max = steps.length - 1;
    slider.disabled = steps.length < 2;
    show();
  }

  function show() {
    const [step, samples] = steps[index];
    slider.value = index;
    slider.setAttribute("aria-valuetext", `Step ${count(step)}`);
    words.textContent = `${step ? `Step ${count(step)}` : "Before the first step"} · ${index + 1} of ${steps.length}`;
    find("[data-act=earlier]").disabled = index === 0;
    find("[data-act=later]").disabled = index === steps.length - 1;
    if (drawn === samples) return;
    drawn = samples;
    list.replaceChildren(...samples.map((sample) => drawSample(sample, step)));
  }

  function go(to) {
    if (!steps.length) return;
    index = Math.max(0, Math.min(steps.length - 1, to));
    follows = index === steps.length - 1;
    show();
  }

  const pick = (step) => go(nearest(steps, step));
  const reset = () => ([follows, drawn] = [true, null]);
  slider.addEventListener("input", () => go(Number(slider.value)));
  find("[data-act=earlier]").addEventListener("click", () => go(index - 1));
  find("[data-act=later]").addEventListener("click", () => go(index + 1));
  return { draw, pick, reset };
}

function drawSample({ row, prompt, expected, completion, finished }, step) {
  const same = completion.trim() === expected.trim();
  const said = same ? "as expected" : finished === false ? "cut" : "";
  return el(
    "li",
    {},
    el(
      "details",
      { class: "asked" },
      el("summary", {}, el("span", { text: questionOf(prompt) })),
      el("pre", { text: prompt }),
    ),
    el(
      "dl",
      {},
      el(
        "dt",
        { text: step ? `Answer at step ${count(step)}` : "Answer before the first step" },
        marked(said, same),
      ),
      el(
        "dd",
        { class: "completion" },
        completion.trim() ? trimLines(completion) : el("span", { class: "quiet", text: "nothing" }),
      ),
      el("dt", { text: "Expected", title: `Record ${count(row + 1)} of its part` }),
      el("dd", { class: "completion quiet", text: trimLines(expected) }),
    ),
  );
}

/** Without the empty lines around it, which a template puts between the question and the answer. */
const trimLines = (text) => text.replace(/^(\s*\n)+|\s+$/g, "");

const marked = (said, same) => (said ? el("small", { class: same ? "same" : "", text: said }) : null);

/** What a prompt asks stands at its end, below the words that all prompts have; its markers are no question. */
export function questionOf(prompt) {
  const lines = prompt.split("\n").map((line) => line.trim());
  const said = lines.filter(
    (line) => line && !/^#{1,6}\s*\S+( \S+)?:?$/.test(line) && !/^<\|.*\|>\S*$/.test(line),
  );
  return said.at(-1) ?? prompt.trim();
}
