/* The answers of one or two models as they come, and as they were. */

import { el } from "../dom.js";
import { visible } from "../prompt/text.js";
import { describeAnswer, nameModel } from "./trywords.js";

/** Draws into `room`: {begin(models), ready(), add(which, text), end(answer), stop(), clear()}. */
export function answerBoxes(room) {
  let boxes = new Map();
  let clock;

  function begin(models) {
    clear();
    boxes = new Map(models.map((which) => [which, drawBox(which)]));
    room.replaceChildren(...[...boxes.values()].map(({ node }) => node));
    room.dataset.count = boxes.size;
    const started = Date.now();
    const wait = () => {
      const seconds = Math.round((Date.now() - started) / 1000);
      for (const box of boxes.values()) if (!box.over) box.said.textContent = `loading the model … ${seconds} s`;
    };
    wait();
    clock = setInterval(wait, 1000);
  }

  function ready() {
    clearInterval(clock);
    for (const box of boxes.values()) if (!box.over) box.said.textContent = "answering …";
  }

  function add(which, text) {
    const box = boxes.get(which);
    if (!box) return;
    box.text.append(...visible(text));
    box.text.scrollTop = box.text.scrollHeight;
  }

  function end(answer) {
    const box = boxes.get(answer.which);
    if (!box) return;
    box.over = true;
    fillBox(box, answer);
  }

  function stop() {
    clearInterval(clock);
    for (const box of boxes.values()) if (!box.over) box.said.textContent = "stopped";
  }

  function clear() {
    clearInterval(clock);
    boxes = new Map();
    room.replaceChildren();
  }

  return { begin, ready, add, end, stop, clear };
}

/** An answer of the history as an element. */
export function drawAnswer(answer) {
  const box = drawBox(answer.which);
  fillBox(box, answer);
  return box.node;
}

function drawBox(which) {
  const said = el("span", { class: "quiet" });
  const text = el("div", {
    class: "completion",
    tabindex: 0,
    role: "region",
    "aria-label": `Answer of ${nameModel(which)}`,
  });
  const hash = el("p", { class: "try-hash quiet" });
  const head = el("h4", {}, el("span", { text: nameModel(which) }), said);
  const node = el("div", { class: which === "base" ? "try-answer" : "try-answer is-tuned" }, head, text, hash);
  return { node, said, text, hash, over: false };
}

function fillBox({ said, text, hash }, answer) {
  const empty = el("span", { class: "nothing", text: "empty" });
  text.replaceChildren(...(answer.completion ? visible(answer.completion) : [empty]));
  said.textContent = describeAnswer(answer);
  const sha = answer.weights_sha256;
  hash.replaceChildren("weights ", el("code", { text: sha.slice(0, 12), title: sha }));
}
