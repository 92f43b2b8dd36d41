/* What is asked and how it is answered: the template's columns or a bare prompt, and the decoding. */

import { el } from "../dom.js";
import { segments } from "../prompt/segments.js";

const WAYS = [
  ["template", "Fill in the template"],
  ["bare", "Bare prompt"],
];
const METHODS = [
  ["greedy", "Greedy"],
  ["sample", "Sampling"],
];
// Name on the wire, label, usual value, step, lowest, highest, only where tokens are drawn.
const NUMBERS = [
  ["max_new_tokens", "Max tokens", 64, 1, 1, 4096, false],
  ["temperature", "Temperature", 0.8, 0.1, 0, 5, true],
  ["top_p", "Top-p", 0.95, 0.05, 0, 1, true],
  ["seed", "Seed", 42, 1, 0, 4294967295, true],
];
const ABOUT = {
  greedy: "The likeliest token each time: the same prompt, the same answer. This is how the test part is answered.",
  sample: "A token is drawn each time, the likeliest most often. The same seed draws the same text again.",
};

/** Draws into a form; {show(known), asked(), decoding(), fill(record), busy(is), focus()}. */
export function tryForm(form, { onChange, onAsk, onStop }) {
  const way = el("div", { class: "segments", role: "radiogroup", "aria-label": "What is asked" });
  const fields = el("div", { class: "try-fields" });
  const bare = el("textarea", { rows: 5, spellcheck: "false", "aria-label": "Bare prompt" });
  const method = el("div", { class: "segments", role: "radiogroup", "aria-label": "How tokens are chosen" });
  const numbers = el("div", { class: "try-numbers" });
  const about = el("p", { class: "quiet" });
  const send = el("button", { class: "button primary", type: "submit", text: "Ask both" });
  const halt = el("button", { class: "button", type: "button", text: "Stop", hidden: true, on: { click: onStop } });
  const keys = el("span", { class: "quiet", text: "Ctrl + Enter" });
  const asWay = segments(way, WAYS, (value) => changeWay(value));
  const asMethod = segments(method, METHODS, (value) => changeMethod(value));
  const inputs = new Map(NUMBERS.map((number) => [number[0], drawNumber(number)]));
  let [chosen, drawn, names] = ["bare", "greedy", []];

  numbers.append(...NUMBERS.map(([name, label]) => el("label", { class: "entry" }, label, inputs.get(name))));
  form.noValidate = true; // the server refuses in words
  form.replaceChildren(
    way,
    fields,
    el("div", { class: "try-decoding" }, el("h3", { text: "Decoding" }), method, numbers, about),
    el("div", { class: "try-send" }, send, halt, keys),
  );

  function show(known) {
    names = known.fields.map(({ name }) => name);
    way.hidden = !names.length;
    inputs.get("max_new_tokens").value = known.decoding.max_new_tokens;
    changeMethod("greedy");
    changeWay(names.length ? "template" : "bare", known.fields);
  }

  function changeWay(value, known) {
    chosen = value;
    asWay.choose(value);
    if (known) fields.replaceChildren(...known.map(drawField), bare);
    for (const entry of fields.children) entry.hidden = (entry === bare) === (value === "template");
    onChange();
  }

  function changeMethod(value) {
    drawn = value;
    asMethod.choose(value);
    about.textContent = ABOUT[value];
    for (const [name, , , , , , only] of NUMBERS) inputs.get(name).parentElement.hidden = only && value === "greedy";
  }

  const areas = () => [...fields.querySelectorAll("[name]")];

  /** {values} or {prompt}; null where nothing is filled in. */
  function asked() {
    if (chosen === "bare") return bare.value ? { prompt: bare.value } : null;
    const values = Object.fromEntries(areas().map(({ name, value }) => [name, value]));
    return Object.values(values).some(Boolean) ? { values } : null;
  }

  function decoding() {
    const given = NUMBERS.filter(([, , , , , , only]) => !only || drawn === "sample");
    const values = given.map(([name]) => [name, inputs.get(name).valueAsNumber]);
    return { method: drawn, ...Object.fromEntries(values) };
  }

  /** Puts back what was asked before. */
  function fill({ values, prompt, decoding: before }) {
    const fits = values && names.length && Object.keys(values).every((name) => names.includes(name));
    if (fits) for (const area of areas()) area.value = values[area.name] ?? "";
    else bare.value = prompt;
    changeWay(fits ? "template" : "bare");
    changeMethod(before.method);
    for (const [name, input] of inputs) if (before[name] != null) input.value = before[name];
  }

  function busy(is) {
    halt.hidden = !is;
    send.textContent = is ? "Ask again" : "Ask both";
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onAsk();
  });
  fields.addEventListener("input", onChange);
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit();
  });
  const focus = () => (chosen === "bare" ? bare : areas()[0])?.focus();
  return { show, asked, decoding, fill, busy, focus };
}

function drawField({ name, words }) {
  const area = el("textarea", { name, rows: 2, spellcheck: "false" });
  return el("label", { class: "entry" }, name, area, words ? el("small", { text: words }) : null);
}

const drawNumber = ([, , value, step, min, max]) => el("input", { type: "number", value, step, min, max });
