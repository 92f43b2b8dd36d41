/* The models that a run has kept, and whether each has answered the whole test part; begun and stopped from here. */

import { getJson, send } from "../api.js";
import { el } from "../dom.js";
import { drawProblem } from "../notice.js";
import { goTo, refreshPlace } from "../place.js";
import { nameDecoding, nameModel } from "./trywords.js";
import { count, counted, duration, score } from "../words.js";

const PAUSE = 700; // ms between two looks at what goes on

/** Draws into a card: {show(run, known)}; `decodingNow()` is the one that the form asks for. */
export function keptModels(card, decodingNow) {
  const find = (name) => card.querySelector(`[data-kept-${name}]`);
  const other = find("other");
  let [run, states, clock, decoding] = ["", new Map(), 0, null];

  /** Shows what `known` tells of a run, with the run's own decoding. */
  function show(wanted, known) {
    [run, decoding, other.checked] = [wanted, null, false];
    find("problem").replaceChildren();
    card.hidden = !known.records;
    take(known);
  }

  function take({ models }) {
    clearTimeout(clock);
    states = new Map(models.map(({ which, evaluation }) => [which, evaluation]));
    draw();
    later();
  }

  async function choose() {
    const mine = run;
    decoding = other.checked ? decodingNow() : null;
    find("said").textContent = decoding ? nameDecoding(decoding) : "";
    find("problem").replaceChildren();
    try {
      const known = await getJson(`runs/${mine}/answering`, asked());
      if (mine === run) take(known);
    } catch (problem) {
      other.checked = false;
      find("problem").replaceChildren(drawProblem(problem));
    }
  }

  const asked = () => (decoding ? { decoding: JSON.stringify(decoding) } : {});

  function draw() {
    const heads = ["Model", "Test part", "Test loss", "Weights"].map((text) => el("th", { scope: "col", text }));
    heads.push(el("th", { scope: "col" }, el("span", { class: "off-screen", text: "What can be done" })));
    const rows = [...states].map(([which, state]) => drawRow(which, state));
    const body = el("tbody", {}, ...rows);
    find("models").replaceChildren(el("table", { class: "lines" }, el("thead", {}, el("tr", {}, ...heads)), body));
  }

  function drawRow(which, state) {
    const summary = state?.summary;
    const sha = summary?.weights_sha256 ?? "";
    return el(
      "tr",
      {},
      el("th", { scope: "row", text: nameModel(which) }),
      el("td", {}, ...drawState(which, state)),
      el("td", { class: "number", text: score(summary?.loss) }),
      el("td", {}, sha ? el("code", { text: sha.slice(0, 12), title: sha }) : "–"),
      el("td", { class: "try-act" }, drawAct(which, state)),
    );
  }

  function drawState(which, state) {
    if (!state) return [el("span", { class: "quiet", text: "not answered yet" })];
    if (state.state === "done") return [counted(state.summary.records, "record")];
    if (state.state === "running") {
      const label = `Records that ${nameModel(which)} has answered`;
      const known = state.total ? { max: state.total, value: state.done } : {};
      const bar = el("progress", { ...known, "aria-label": label });
      const left = state.left == null ? "" : `, ${duration(state.left)} left`;
      const words = state.total ? `${count(state.done)} of ${count(state.total)}${left}` : "loading the model …";
      return [bar, el("span", { class: "quiet", text: words })];
    }
    if (state.state === "stopped") return [el("span", { class: "quiet", text: "stopped; what is written is kept" })];
    return [el("span", { class: "try-wrong", text: `${state.problem.message} ${state.problem.hint}` })];
  }

  function drawAct(which, state) {
    if (state?.state === "done") return which === "base" ? null : drawWay(state.name);
    const going = state?.state === "running";
    const text = going ? "Stop" : state ? "Go on" : "Answer";
    const button = el("button", { class: "button small", type: "button", text });
    button.setAttribute("aria-label", `${text}: ${nameModel(which)} on the test part`);
    button.addEventListener("click", () => act(which, going));
    return button;
  }

  /** The way to the comparison of a model with the base, decoded in the same way where it was. */
  function drawWay(right) {
    const base = states.get("base");
    const left = base?.state === "done" ? base.name : "base";
    const button = el("button", { class: "button small", type: "button", text: "Compare" });
    button.setAttribute("aria-label", `Compare ${right} with the base`);
    button.addEventListener("click", () => goTo({ tab: "compare", run, left, right }));
    return button;
  }

  async function act(which, going) {
    const mine = run;
    find("problem").replaceChildren();
    try {
      const path = `runs/${mine}/evaluations`;
      const state = going
        ? await send("DELETE", `${path}/${which}?${new URLSearchParams(asked())}`)
        : await send("POST", path, { which, decoding });
      if (mine !== run) return;
      states.set(which, state);
    } catch (problem) {
      if (mine === run) find("problem").replaceChildren(drawProblem(problem));
    }
    draw();
    later();
  }

  const going = () => [...states].filter(([, state]) => state?.state === "running").map(([which]) => which);

  function later() {
    clearTimeout(clock);
    if (going().length) clock = setTimeout(look, PAUSE);
  }

  async function look() {
    const [mine, chosen] = [run, decoding];
    for (const which of going()) {
      const state = await getJson(`runs/${mine}/evaluations/${which}`, asked()).catch(() => null);
      if (mine !== run || chosen !== decoding) return;
      if (state) states.set(which, state);
      if (state?.state === "done" && !decoding) refreshPlace();
    }
    draw();
    later();
  }

  other.addEventListener("change", choose);
  return { show };
}
