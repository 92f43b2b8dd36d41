/* A field for every option that the base model takes: its plain name, TRL's name, what it does, and what is wrong with
   what is typed. An empty field is left to the studio, which says in it what it would take. */

import { readTyped, spellNumber } from "./limits.js";
import { ask, defaultOf, isAdapter, refuse, work } from "./work.js";
import { el } from "../dom.js";
import { count } from "../words.js";

const GROUPS = ["adapter", "short", "advanced"];
const OPEN = { max_steps: "≈ a minute", per_device_train_batch_size: "by tokens" }; // of tiny

/** The fields of a form, in its rooms `data-fields`: {draw}. */
export function optionFields(form) {
  const rooms = Object.fromEntries(GROUPS.map((group) => [group, form.querySelector(`[data-fields=${group}]`)]));
  let [fields, drawn] = [[], ""];

  function draw() {
    const key = `${work.table} ${work.options.map(({ name, most }) => `${name} ${most}`)}`;
    if (key !== drawn) build();
    drawn = key;
    for (const field of fields) field.draw();
    rooms.adapter.hidden = !isAdapter() || !rooms.adapter.children.length;
    form.querySelector("[data-changed]").textContent = sayChanged();
  }

  function build() {
    fields = work.options.filter(({ group, name }) => GROUPS.includes(group) && isMeant(name)).map(drawField);
    for (const group of GROUPS)
      rooms[group].replaceChildren(...fields.filter(({ option }) => option.group === group).map(({ row }) => row));
  }

  return { draw };
}

/** Of anything but messages there is no answer of an assistant. */
const isMeant = (name) => name !== "assistant_only_loss" || work.known?.type === "messages";

function sayChanged() {
  const own = work.options.filter(({ group, name }) => group === "advanced" && name in work.asked && isOwn(name));
  return own.length ? own.map(({ label }) => label).join(", ") : "";
}

const isOwn = (name) => name !== "seed" || work.asked.seed !== 42;

function drawField(option) {
  const { name, label, help } = option;
  const input = drawInput(option);
  const title = el("label", { class: "tune-name", for: `train-${name}`, text: label });
  const problem = el("small", { class: "tune-problem", id: `problem-${name}`, "aria-live": "polite" });
  const about = el("small", { id: `help-${name}`, text: help });
  input.setAttribute("aria-describedby", `name-${name} help-${name} problem-${name}`);
  const row = el(
    "div",
    { class: `tune-field ${option.kind === "text" ? "is-wide" : ""}` },
    title,
    el("code", { id: `name-${name}`, text: name }),
    input,
    about,
    problem,
  );

  function draw() {
    const said = work.problems[name] ?? "";
    if (problem.textContent !== said) problem.textContent = said;
    input.setAttribute("aria-invalid", String(Boolean(said)));
    const idle = isIdle(name);
    row.classList.toggle("is-idle", idle);
    about.textContent = idle ? "Not used, because Steps says when it ends." : help + sayDevice(name);
    if (input !== document.activeElement && !said) fill(input, option, work.asked[name]);
    if (input.type !== "checkbox") open(input, option);
  }

  return { option, row, draw };
}

const sayDevice = (name) => (name === "dtype" && work.known ? ` Here auto is ${work.known.device.dtype}.` : "");

/** Whether an option has nothing to say: steps come before epochs. */
const isIdle = (name) => name === "num_train_epochs" && work.asked.max_steps != null;

function drawInput(option) {
  const id = `train-${option.name}`;
  if (option.kind === "yes or no") {
    const box = el("input", { type: "checkbox", id });
    box.addEventListener("change", () => ask(option.name, box.checked));
    return box;
  }
  if (option.kind === "choice") {
    const choices = option.choices.map((value) => el("option", { value, text: value }));
    const select = el("select", { id }, ...choices);
    select.addEventListener("change", () => ask(option.name, select.value));
    return select;
  }
  const number = option.kind !== "text";
  const input = el("input", { id, type: number ? "number" : "text", step: "any", autocomplete: "off", spellcheck: "false" });
  input.addEventListener("input", () => take(input, option));
  return input;
}

function take(input, option) {
  const { value, problem } = input.validity.badInput ? { problem: option.wanted } : readTyped(option, input.value);
  if (problem) refuse(option.name, problem);
  else ask(option.name, value);
}

function fill(input, option, asked) {
  if (input.type === "checkbox") input.checked = asked ?? defaultOf(option.name) ?? false;
  else if (input.localName === "select") input.value = asked ?? defaultOf(option.name) ?? option.choices[0];
  else input.value = spellNumber(asked);
}

/** An empty field says what is taken for it. */
function open(input, { name, choices }) {
  if (choices.length) return;
  const planned = name === "max_steps" ? (work.asked.max_steps == null ? work.plan?.steps : null) : defaultOf(name);
  const tiny = work.model.kind === "tiny" ? OPEN[name] : "";
  input.placeholder = planned == null ? (tiny ?? "") : name === "max_steps" ? count(planned) : spellNumber(planned);
}
