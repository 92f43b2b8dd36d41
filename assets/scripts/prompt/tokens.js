/* The record of the preview as the tokenizer sees it: every token, which of them the loss sees, and what the max length
   cuts. Asks only while it is shown; an answer to an older question is dropped. */

import { send } from "../api.js";
import { debounce, el } from "../dom.js";
import { drawNotice, drawProblem } from "../notice.js";
import { watchCheck } from "./check.js";
import { tokenizerChooser } from "./chooser.js";
import { onPrompt } from "./said.js";
import { tokenBox } from "./tokenbox.js";
import {
  chooseTokenizer,
  LEAST_LENGTH,
  maxLengthOf,
  MOST_LENGTH,
  readLength,
  sayPreparing,
  setMaxLength,
  tokenizerOf,
  watchTokenizer,
} from "./tokenizer.js";
import { describeTokenizer, figuresOf, listNotes, sayEnd } from "./tokenwords.js";

const PAUSE = 500; // ms between two looks at a tokenizer that is being prepared; each is a little longer than the last
const LONGEST = 4000;
const SLOWER = 1.4;
const LATE = 500; // ms without an answer after which the last tokens lose their colours
const SETTLED = 200; // ms of quiet before the tokens are asked for another max length

const LEGEND = [
  ["trained", "Trained on"],
  ["masked", "Context only, masked from loss"],
  ["special", "Special token"],
  ["cut", "Beyond the max length"],
];

export function tokenView({ element }) {
  const chooser = tokenizerChooser((choice) => chooseTokenizer(prompt.table, choice));
  const parts = drawParts(element.querySelector(".st") ?? element, chooser.element);
  const box = tokenBox(parts.box);
  let [prompt, limit, drawn] = [null, null, ""];
  let [asking, waiting] = [null, false];
  let [clock, pause] = [0, PAUSE];

  const isShown = () => !document.hidden && Boolean(element.offsetParent);

  /** Asks for the tokens of now, and ends the question before. */
  async function load() {
    clearTimeout(clock);
    asking?.abort();
    waiting = !isShown();
    if (!prompt || waiting) return;
    const call = (asking = new AbortController());
    const { table, ...more } = prompt;
    const body = { ...more, tokenizer: tokenizerOf(table), max_length: limit };
    const late = setTimeout(() => parts.body.classList.add("fading"), LATE);
    const answer = await send("POST", `tables/${table}/tokens`, body, call).catch((problem) => ({
      state: "failed",
      problem,
    }));
    clearTimeout(late);
    if (call === asking && !call.signal.aborted) take(answer);
  }

  function take(answer) {
    parts.root.ariaBusy = "false";
    if (answer.state === "failed") parts.body.hidden = true; // else the last tokens stay, without colours
    parts.body.classList.toggle("fading", answer.state === "preparing");
    const notices = drawState(answer);
    const words = notices.map(({ textContent }) => textContent).join("");
    if (words !== parts.state.textContent) parts.state.replaceChildren(...notices);
    if (answer.state === "ready") draw(answer);
    if (answer.state === "preparing" || answer.problem?.status === 0) later();
  }

  function drawState({ state, problem, doing }) {
    if (state === "failed") return [drawProblem(problem, tryAgain())];
    if (state !== "preparing") return [];
    return [drawNotice({ kind: "busy", message: sayPreparing(tokenizerOf(prompt.table)), hint: doing })];
  }

  function tryAgain() {
    const button = el("button", { class: "button small", type: "button", text: "Try again" });
    button.addEventListener("click", () => ask());
    return button;
  }

  function later() {
    clock = setTimeout(load, pause);
    pause = Math.min(LONGEST, pause * SLOWER);
  }

  function draw(answer) {
    const [words, end] = [describeTokenizer(answer.about), sayEnd(answer)];
    parts.about.textContent = words;
    const spelled = JSON.stringify(answer.tokens);
    if (spelled !== drawn) box.draw(answer.tokens); // or the token at hand would lose the focus
    drawn = spelled;
    parts.body.hidden = false;
    parts.figures.replaceChildren(...figuresOf(answer).map(drawFigure));
    parts.legend.querySelector(".is-cut").hidden = !answer.tokens.some(({ cut }) => cut);
    parts.end.className = end?.bad ? "token-end bad" : "token-end";
    parts.end.textContent = end?.text ?? "";
    parts.notes.replaceChildren(...listNotes(answer).map((text) => el("li", { text })));
  }

  /** Asks anew, as after a change. */
  function ask() {
    pause = PAUSE;
    parts.root.ariaBusy = "true";
    load();
  }
  const askSoon = debounce(ask, SETTLED);

  function hear(next) {
    if (next.table !== prompt?.table) forget(next.table);
    prompt = next;
    ask();
  }

  function forget(table) {
    limit = maxLengthOf(table);
    parts.input.value = limit ?? "";
    drawn = "";
    parts.body.hidden = true;
    parts.about.textContent = "";
    parts.state.replaceChildren();
    chooser.draw(tokenizerOf(table));
  }

  function readInput() {
    const { value, problem = "" } = readLength(parts.input.value);
    parts.wrong.textContent = problem;
    parts.input.setAttribute("aria-invalid", Boolean(problem));
    if (!problem && prompt && value !== limit) setMaxLength(prompt.table, value);
  }

  function turn({ table, what }) {
    if (table !== prompt?.table || what !== "tokenizer") return;
    chooser.draw(tokenizerOf(table));
    parts.about.textContent = "";
    parts.body.hidden = true;
    ask();
  }

  /** Takes the max length that all records are counted for: the one that was set, else that of the recipe. */
  function takeLength({ table, limit: set, answer }) {
    const value = set ?? answer?.max_length ?? null;
    if (table !== prompt?.table || value === null || value === limit) return;
    limit = value;
    if (document.activeElement !== parts.input) parts.input.value = value;
    askSoon();
  }

  const resume = () => waiting && isShown() && load();
  parts.input.addEventListener("change", readInput);
  watchTokenizer(turn);
  watchCheck(element, takeLength);
  new ResizeObserver(resume).observe(element);
  addEventListener("visibilitychange", resume);
  onPrompt(hear);
}

function drawParts(root, chooser) {
  const wrong = el("span", { class: "wrong", role: "alert", id: "max-length-wrong" });
  const input = el("input", { type: "number", min: LEAST_LENGTH, max: MOST_LENGTH, step: 1 });
  input.setAttribute("aria-describedby", wrong.id);
  const field = el("label", { class: "max-length" }, el("span", { text: "Max length" }), input);
  const about = el("p", { class: "about" });
  const state = el("div", { class: "token-state", "aria-live": "polite" });
  const box = el("div", {
    class: "tokens",
    role: "listbox",
    "aria-label": "Tokens",
    "aria-orientation": "horizontal",
  });
  const legend = el("div", { class: "legend" }, ...LEGEND.map(drawKey));
  const [end, notes] = [el("p", { class: "token-end" }), el("ul", { class: "token-notes" })];
  const figures = el("dl", { class: "figures four" });
  const body = el("div", { class: "token-body", hidden: true }, box, legend, end, notes, figures);
  root.classList.add("token-view");
  root.replaceChildren(el("div", { class: "token-head" }, chooser, field, wrong, about), state, body);
  return { root, wrong, input, about, state, box, legend, end, notes, figures, body };
}

const drawKey = ([name, words]) => el("span", { class: `is-${name}` }, el("i"), words);

const drawFigure = ({ name, value, words, bad }) =>
  el(
    "div",
    { class: bad ? "bad" : "" },
    el("dt", { text: name }),
    el("dd", { text: value }, words ? el("small", { text: words }) : null),
  );
