/* What a judge is asked: endpoint, model, key, mode, prompt, budget; and what that would take, said as one types.
   The key stands in its field alone: it goes with the request and is kept nowhere. */

import { debounce, el } from "../dom.js";
import { drawProblem } from "../notice.js";

const QUIET = 350; // ms after the last key before the server is asked
const KEPT = "studio-judge"; // endpoint, model and mode of the last judging
const MODES = [
  ["single", "Each answer alone", "As in the book: one call for each answer."],
  ["pairwise", "Both side by side", "One call for both, then one more with their order turned round."],
];

/** Draws into `room`: {show(judging), lock(yes), settle(), submit(), raise()}. */
export function judgeForm(room, options, { plan, begin, edited }) {
  const fields = {
    endpoint: text({ type: "url", placeholder: options.endpoint, maxlength: 500 }),
    model: text({ placeholder: "llama3.2", maxlength: 200 }),
    key: el("input", { type: "password", placeholder: "none", autocomplete: "off" }),
    prompt: el("textarea", { rows: 3, spellcheck: "false", class: "judge-prompt" }),
    budget: number({ min: 2, placeholder: "as many as it takes" }),
    temperature: number({ min: 0, max: 2, step: "any", placeholder: "not sent" }),
    seed: number({ min: 0, placeholder: "not sent" }),
    max_tokens: number({ min: 1, placeholder: "not sent" }),
  };
  const modes = MODES.map(([value, label, words]) => radio(value, label, words));
  const names = el("small", {});
  const reset = el("button", { class: "button small", type: "button", text: "Back to the studio’s prompt" });
  const takes = el("p", { class: "judge-takes", role: "status" });
  const example = el("pre", { class: "judge-text completion", tabindex: 0, "aria-label": "First question" });
  const first = el("details", { hidden: true }, el("summary", { text: "The first question as the judge reads it" }), example);
  const go = el("button", { class: "button primary", type: "submit", text: "Judge" });
  let [call, locked, fits] = [0, false, false];

  const mode = () => room.querySelector("[name=judge-mode]:checked").value;
  const own = () => options.prompts[mode()];

  function asked() {
    const numbers = ["budget", "temperature", "seed", "max_tokens"].map((name) => [name, readNumber(fields[name])]);
    const prompt = fields.prompt.value === own() ? "" : fields.prompt.value;
    return {
      endpoint: fields.endpoint.value.trim() || options.endpoint,
      model: fields.model.value.trim(),
      mode: mode(),
      prompt,
      ...Object.fromEntries(numbers),
    };
  }

  function settle() {
    reset.hidden = fields.prompt.value === own();
    names.textContent = `Placeholders: ${options.placeholders[mode()].map((name) => `{${name}}`).join(" ")}. A brace of your own is written twice.`;
    go.disabled = locked || !fits;
  }

  async function look() {
    const now = ++call;
    if (locked) return;
    if (!fields.model.value.trim()) return say(el("span", { class: "quiet", text: "Name a model to see what it takes." }));
    try {
      const found = await plan(asked());
      if (now !== call) return;
      fits = found.asked < found.calls && found.sent < found.budget;
      example.textContent = found.example;
      first.hidden = false;
      takes.replaceChildren(el("span", { text: found.sentence }));
    } catch (problem) {
      if (now !== call) return;
      say(drawProblem(problem));
    }
    settle();
  }

  function say(node) {
    [fits, first.hidden] = [false, true];
    takes.replaceChildren(node);
    settle();
  }

  const lookSoon = debounce(look, QUIET);

  function show(judging) {
    const last = judging ?? remembered(options);
    fields.endpoint.value = last.endpoint ?? options.endpoint;
    fields.model.value = last.model ?? "";
    choose(last.mode ?? "single");
    fields.prompt.value = last.prompt ?? own();
    fields.budget.value = judging?.budget ?? "";
    fields.temperature.value = judging ? (judging.temperature ?? "") : 0;
    fields.seed.value = judging ? (judging.seed ?? "") : 42;
    fields.max_tokens.value = judging?.max_tokens ?? "";
    settle();
    look();
  }

  function choose(value) {
    for (const { input } of modes) input.checked = input.value === value;
  }

  function turn() {
    const before = Object.values(options.prompts).includes(fields.prompt.value);
    if (before) fields.prompt.value = own();
    changed();
  }

  function changed() {
    edited();
    fits = false;
    settle();
    lookSoon();
  }

  function submit() {
    const { endpoint, model, mode: chosen } = asked();
    localStorage.setItem(KEPT, JSON.stringify({ endpoint, model, mode: chosen }));
    return begin({ ...asked(), key: fields.key.value.trim() || null });
  }

  const key = entry("Key", fields.key, "Sent to the endpoint alone and kept nowhere. Ollama needs none.");
  const more = el(
    "details",
    { class: "judge-more" },
    el("summary", { text: "What is sent besides" }),
    el(
      "div",
      { class: "judge-entries" },
      entry("Temperature", fields.temperature),
      entry("Seed", fields.seed, "It also chooses the records of a small budget."),
      entry("Most tokens of a reply", fields.max_tokens),
    ),
  );
  room.replaceChildren(
    el(
      "div",
      { class: "judge-entries" },
      entry("Endpoint", fields.endpoint, describeEndpoint(options)),
      entry("Model", fields.model, "As the endpoint names it."),
      key,
      entry("Most requests", fields.budget, "Repeated ones count. A small number judges fewer records."),
    ),
    el("fieldset", { class: "judge-modes" }, el("legend", { text: "What a call shows" }), ...modes.map(({ choice }) => choice)),
    el("div", { class: "judge-prompt-entry" }, entry("Prompt", fields.prompt), el("div", { class: "judge-names" }, names, reset)),
    more,
    first,
    el("div", { class: "judge-go" }, takes, go),
  );
  room.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!go.disabled) submit();
  });
  room.addEventListener("input", (event) => {
    if (event.target.name === "judge-mode") turn();
    else if (event.target !== fields.key) changed();
  });
  reset.addEventListener("click", () => {
    fields.prompt.value = own();
    changed();
    fields.prompt.focus();
  });

  return {
    show,
    submit,
    settle: look,
    lock(yes) {
      locked = yes;
      for (const input of room.querySelectorAll("input, textarea")) input.disabled = yes;
      settle();
    },
    /** Lets the budget be what is missing, until a person says a number. */
    raise() {
      fields.budget.value = "";
      look();
      fields.budget.focus();
      fields.budget.scrollIntoView({ block: "center" });
    },
  };
}

const text = (attributes) => el("input", { type: "text", autocomplete: "off", spellcheck: "false", ...attributes });

const number = (attributes) => el("input", { type: "number", step: 1, ...attributes });

const readNumber = (field) => (field.value === "" ? null : Number(field.value));

/** A field under its label; the hint describes it, and is no part of its name. */
function entry(label, field, hint) {
  field.id = `judge-${label.toLowerCase().replaceAll(" ", "-")}`;
  if (hint) field.setAttribute("aria-describedby", `${field.id}-hint`);
  return el(
    "div",
    { class: "judge-entry" },
    el("label", { for: field.id, text: label }),
    field,
    hint ? el("small", { id: `${field.id}-hint`, text: hint }) : null,
  );
}

function radio(value, label, words) {
  const id = `judge-mode-${value}`;
  const input = el("input", { type: "radio", name: "judge-mode", value, id, "aria-describedby": `${id}-words` });
  const choice = el(
    "div",
    { class: "judge-mode" },
    input,
    el("label", { for: id }, el("b", { text: label })),
    el("small", { id: `${id}-words`, text: words }),
  );
  return { input, choice };
}

const describeEndpoint = ({ private: near }) =>
  near ? "OpenAI-compatible. Empty: Ollama on this machine." : "OpenAI-compatible, and on the open internet.";

function remembered({ endpoint, private: near }) {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? {};
  } catch {
    return near ? { endpoint } : {};
  }
}
