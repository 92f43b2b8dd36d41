/* The judge: another model scores both answers of a run. Folded until it is wanted; a judging goes on when the page is left. */

import { judgeForm } from "./judgeform.js";
import { drawResult } from "./judgeresult.js";
import { getJson, post } from "../api.js";
import { el } from "../dom.js";
import { drawNotice, drawProblem } from "../notice.js";
import { isFinal } from "../runs/run.js";
import { count, counted, duration, score } from "../words.js";

const PAUSE = 700; // ms between two looks at a judging that goes on
const LOOK = 4_000; // ms between two looks at a run that cannot be judged yet

export function judge({ element, props, watch }) {
  const find = (name) => element.querySelector(`[data-${name}]`);
  const card = find("card");
  let [run, call, judgings, shown, form] = ["", 0, [], "", null];

  let clock;

  const again = () => {
    run = "";
    show();
  };
  const say = (...nodes) => find("problem").replaceChildren(...nodes);
  const known = () => judgings.find((one) => one.judge === shown) ?? judgings[0];

  async function show() {
    const asked = props.value?.run ?? "";
    if (asked === run) return;
    clearTimeout(clock);
    [run, judgings, shown, card.hidden] = [asked, [], "", true];
    const now = ++call;
    say();
    if (!asked) return;
    try {
      const [state, found] = await Promise.all([getJson(`runs/${asked}`), getJson(`runs/${asked}/judges`)]);
      if (now !== call) return;
      if (!isFinal(state.state)) return void (clock = setTimeout(again, LOOK));
      if (state.state !== "succeeded" || !state.metrics.records) return;
      judgings = found;
      card.hidden = false;
      find("ask").open = !known();
      draw();
      if (card.open) await open();
      if (known()?.state === "running") follow(known().judge);
    } catch {
      // A run that is gone, which the comparison says.
    }
  }

  /** The form is made when the judge is first looked at. */
  async function open() {
    const now = call;
    try {
      form ??= judgeForm(find("form"), await getJson("judge"), { plan, begin, edited: () => say() });
    } catch (problem) {
      return say(drawProblem(problem));
    }
    if (now === call) form.show(known());
    return null;
  }

  const plan = (asked) => post(`runs/${run}/judges/plan`, asked);

  async function begin(asked) {
    const now = call;
    say(drawNotice({ kind: "busy", message: "Asking the judge …", hint: "" }));
    form.lock(true);
    try {
      const begun = await post(`runs/${run}/judges`, asked);
      if (now !== call) return;
      say();
      take(begun);
      fold();
      await follow(begun.judge);
    } catch (problem) {
      if (now !== call) return;
      say(drawProblem(problem));
      form.lock(false);
    }
  }

  async function follow(id) {
    const now = ++call;
    const path = `runs/${run}/judges/${id}`;
    for (;;) {
      const state = await getJson(path).catch(() => null);
      if (now !== call || !element.isConnected) return;
      if (state) take(state);
      if (state && state.state !== "running") break;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      if (now !== call) return;
    }
    form?.settle();
  }

  /** Takes a judging as it stands; the one that was touched last is shown. */
  function take(state) {
    judgings = [state, ...judgings.filter((one) => one.judge !== state.judge)];
    shown = state.judge;
    draw();
  }

  /** Shows the progress of what was begun below it. */
  function fold() {
    find("ask").open = false;
    find("work").scrollIntoView({ block: "center" });
  }

  function draw() {
    const one = known();
    const running = one?.state === "running";
    find("said").textContent = describe(one);
    form?.lock(running);
    find("work").replaceChildren(...(running ? [drawProgress(one)] : []));
    find("result").hidden = !one || (running && !one.answered);
    find("ask").classList.toggle("is-first", !one);
    if (one) drawResult(find("result"), { one, judgings, run, choose, goOn });
  }

  function choose(id) {
    shown = id;
    draw();
    form?.show(known());
  }

  /** Goes on with what is missing: at once, or, where the budget is used up, once it is raised. */
  async function goOn(one) {
    await open();
    form.show(one);
    if (one.sent < one.budget) return form.submit();
    find("ask").open = true;
    return form.raise();
  }

  function drawProgress(one) {
    const bar = el("progress", { max: one.calls, value: one.answered, "aria-label": "Calls answered" });
    const words = [`${count(one.answered)} of ${counted(one.calls, "call")}`];
    if (one.no_number) words.push(`${count(one.no_number)} without a number`);
    if (one.failed) words.push(`${counted(one.failed, "request")} failed`);
    if (one.left != null) words.push(`${duration(one.left)} left`);
    const stop = el("button", { class: "button small", type: "button", text: "Stop" });
    stop.addEventListener("click", async () => {
      stop.disabled = true;
      try {
        take(await post(`runs/${run}/judges/${one.judge}/stop`));
      } catch (problem) {
        say(drawProblem(problem));
      }
    });
    const hint = words.join(" · ");
    const notice = drawNotice({ kind: "busy", message: `${one.model} is judging`, hint }, stop);
    notice.insertBefore(bar, notice.lastChild);
    return notice;
  }

  card.addEventListener("toggle", () => card.open && run && open());
  watch("value", show);
  show();
}

/** What stands beside the title. */
function describe(one) {
  if (!one) return "off: another model’s scores of both answers";
  if (one.state === "running") return `${count(one.answered)} of ${counted(one.calls, "call")}`;
  if (!one.difference) return `${one.model}: no scores yet`;
  const { value } = one.difference;
  return `${one.model}: tuned less base ${value > 0 ? "+" : ""}${score(value, 1)} of 100, ${counted(one.records, "record")}`;
}
