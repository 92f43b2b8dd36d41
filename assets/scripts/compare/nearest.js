/* The training records that are nearest to a test record, so that an answer which was learnt by heart shows. */

import { getJson } from "../api.js";
import { el } from "../dom.js";
import { drawProblem } from "../notice.js";
import { count } from "../words.js";
import { askSides } from "./query.js";
import { nameAddress } from "./sides.js";
import { drawMarked, markTexts } from "./texts.js";

const HEART = 0.9; // from which similarity on an answer may have been learnt by heart

/** Returns {button, panel, toggle, setShows}; the records are asked for when the panel is first opened. */
export function nearestPanel(pair, about) {
  const button = el("button", {
    class: "button small",
    type: "button",
    "aria-expanded": false,
    text: "Nearest training records",
    title: "Key n",
  });
  const panel = el("section", { class: "nearest", "aria-label": `Training records near test record ${count(pair.row)}`, hidden: true });
  let [found, shows] = [null, "differs"];

  async function toggle() {
    panel.hidden = !panel.hidden;
    button.ariaExpanded = !panel.hidden;
    if (panel.hidden || found) return;
    panel.replaceChildren(el("p", { class: "quiet", role: "status", text: "Looking at the training records …" }));
    const { run, ask } = about();
    try {
      found = (await getJson(`runs/${run}/pairs/${pair.key}/nearest`, askSides(ask))).records;
      draw();
    } catch (problem) {
      panel.replaceChildren(drawProblem(problem));
    }
  }

  function draw() {
    const near = found.map((record) => drawNear(record, pair, shows, about().ask.right));
    const words = "None of the records that it learnt from shares anything with this one.";
    panel.replaceChildren(...(near.length ? [el("p", { class: "near-said", role: "status", text: say(found[0], pair) }), ...near] : [el("p", { class: "quiet", text: words })]));
  }

  button.addEventListener("click", toggle);
  return {
    button,
    panel,
    toggle,
    setShows(shown) {
      shows = shown;
      if (found) draw();
    },
  };
}

/** What the nearest record tells. */
function say({ prompt_similarity: asked, answer_similarity: answered }, { tuned }) {
  if (asked == null) return answered >= HEART ? "The text is nearly one that it learnt from." : "No text that it learnt from is nearly this one.";
  if (tuned.completion && answered >= HEART)
    return asked >= HEART ? "Nearly this record was learnt, with its answer." : "The answer after is nearly one that was learnt, for another prompt.";
  if (asked >= HEART) return "Nearly this prompt was learnt, but with another answer.";
  return "The answer after is no copy of one that was learnt.";
}

function drawNear(record, { tuned }, shows, right) {
  const { row, prompt, completion, prompt_similarity: asked, answer_similarity: answered } = record;
  const answer = tuned.completion ?? "";
  const marks = markTexts(shows, answer, [completion]);
  const kind = shows === "shared" ? "shared" : "extra";
  const whole = asked == null;
  const figures = whole ? [["text", answered]] : [["prompt", asked], ["answer", answered]];
  return el(
    "div",
    { class: "near" },
    el("h4", {}, `Training record ${count(row)}`, ...figures.map(drawLikeness)),
    el(
      "div",
      { class: "near-texts" },
      whole ? null : el("div", { class: "completion is-prompt", dir: "auto" }, ...drawMarked(prompt, [], [], "")),
      el(
        "div",
        { class: "completion", dir: "auto" },
        ...drawMarked(completion, whole ? [] : marks.answers[0], [], kind),
      ),
    ),
    whole ? null : el("span", { class: "off-screen", text: `Marked beside the answer of the ${nameAddress(right)}.` }),
  );
}

function drawLikeness([name, share]) {
  const words = `${name} ${Math.floor(share * 100)} % alike`;
  return el("span", { class: share >= HEART ? "pair-chip learnt" : "pair-chip", text: words });
}
