/* A prompt of one's own in two models of a run, side by side as they answer. The server holds no question: leaving the
   stream stops the models. */

import { getJson, send } from "../api.js";
import { debounce, el } from "../dom.js";
import { drawProblem } from "../notice.js";
import { visibleText } from "../prompt/text.js";
import { answerBoxes } from "./tryanswers.js";
import { tryForm } from "./tryform.js";
import { tryHistory } from "./tryhistory.js";
import { keptModels } from "./trykept.js";
import { nameModel } from "./trywords.js";
import { readStream } from "./trystream.js";
import { count } from "../words.js";

const OVER = ["succeeded", "failed", "cancelled"];
const LOOK = 250; // ms of quiet before the template is applied
const KEEP = 600; // ms in which a stopped answer is kept

export function tryPrompt({ element, props, watch }) {
  const find = (selector) => element.querySelector(selector);
  const form = tryForm(find("[data-form]"), { onChange: debounce(look, LOOK), onAsk: ask, onStop: stop });
  const answers = answerBoxes(find("[data-answers]"));
  const history = tryHistory(find("[data-history]"), (record) => {
    form.fill(record);
    look();
    element.scrollIntoView({ block: "nearest" });
  });
  const kept = keptModels(find("[data-kept]"), () => form.decoding());
  const selects = [0, 1].map((at) =>
    el("select", { "aria-label": at ? "Model on the right" : "Model on the left", on: { change: clear } }),
  );
  find("[data-models]").append(selects[0], el("span", { class: "quiet", text: "and" }), selects[1]);
  let [run, known, looked, asking] = ["", null, 0, null];

  async function show() {
    const wanted = props.value?.run ?? "";
    if (!wanted) return hide();
    if (wanted !== run) leave(wanted);
    try {
      const found = await getJson(`runs/${wanted}/answering`);
      if (wanted === run) take(found);
    } catch (problem) {
      if (wanted === run) find("[data-problem]").replaceChildren(drawProblem(problem));
    }
  }

  function leave(next) {
    asking?.abort();
    [run, known] = [next, null];
    answers.clear();
    for (const name of ["problem", "prompt", "said"]) find(`[data-${name}]`).replaceChildren();
  }

  function hide() {
    leave("");
    find("[data-try]").hidden = true;
  }

  function take(found) {
    const first = !known;
    known = found;
    const over = OVER.includes(found.state) && found.models.length > 0;
    find("[data-try]").hidden = !over;
    if (!over) return;
    find("[data-about]").textContent = found.fields.length
      ? "Fill in the template of this run; both models get the very same text."
      : "Write how a text begins; both models go on with the very same.";
    fillSelects(found.models);
    if (first) form.show(found);
    kept.show(run, found);
    history.show(run);
    look();
  }

  function fillSelects(models) {
    const names = models.map(({ which }) => which);
    const usual = [names[0], names.includes("tuned") ? "tuned" : names.at(-1)];
    selects.forEach((select, at) => {
      const chosen = names.includes(select.value) ? select.value : usual[at];
      select.replaceChildren(...names.map((value) => el("option", { value, text: nameModel(value) })));
      select.value = chosen;
    });
  }

  function clear() {
    if (!asking) answers.clear();
  }

  /** The template applied to what is filled in so far. */
  async function look() {
    const call = ++looked;
    const asked = form.asked();
    find("[data-said]").textContent = "";
    if (!asked) return find("[data-prompt]").replaceChildren(el("span", { class: "nothing", text: "Nothing yet." }));
    try {
      const shown = await send("POST", `runs/${run}/prompt`, asked);
      if (call === looked) find("[data-prompt]").replaceChildren(...drawPrompt(shown));
      if (call === looked && shown.messages.length)
        find("[data-said]").textContent = "The model's own chat template joins these turns; asked, it is shown.";
    } catch (problem) {
      if (call === looked) find("[data-prompt]").replaceChildren(drawProblem(problem));
    }
  }

  async function ask() {
    const asked = form.asked();
    if (!asked) return form.focus();
    asking?.abort();
    const control = (asking = new AbortController());
    const models = [...new Set(selects.map((select) => select.value))];
    find("[data-problem]").replaceChildren();
    answers.begin(models);
    form.busy(true);
    const mine = run;
    try {
      const body = { ...asked, models, decoding: form.decoding() };
      await readStream(`runs/${mine}/tries`, body, control.signal, hear);
    } catch (problem) {
      if (control.signal.aborted) answers.stop();
      else fail(problem);
    }
    if (asking !== control) return;
    asking = null;
    form.busy(false);
    if (mine === run) setTimeout(() => mine === run && history.show(run), control.signal.aborted ? KEEP : 0);
  }

  function hear(said) {
    if (said.event === "ready") answers.ready();
    if (said.event === "asked") tellAsked(said);
    if (said.event === "text") answers.add(said.which, said.text);
    if (said.event === "answer") answers.end(said);
    if (said.event === "failed") fail(said);
  }

  function tellAsked({ prompt, tokens, cut }) {
    looked += 1;
    answers.ready();
    find("[data-prompt]").replaceChildren(visibleText("", prompt));
    const words = cut ? "More than the models take: they see its end alone." : "";
    find("[data-said]").textContent = `${count(tokens)} ${tokens === 1 ? "token" : "tokens"}. ${words}`;
  }

  function fail(problem) {
    answers.stop();
    find("[data-problem]").replaceChildren(drawProblem(problem));
  }

  function stop() {
    asking?.abort();
  }

  watch("value", show);
  show();
}

function drawPrompt({ prompt, messages }) {
  if (!messages.length) return [visibleText("", prompt)];
  return messages.map(({ role, content }) =>
    el("div", { class: "try-turn" }, el("b", { text: role }), visibleText("", content)),
  );
}
