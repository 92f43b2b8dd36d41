/* What was asked of a run before, the newest first; each can be asked again. */

import { getJson } from "../api.js";
import { el } from "../dom.js";
import { drawProblem } from "../notice.js";
import { visibleText } from "../prompt/text.js";
import { drawAnswer } from "./tryanswers.js";
import { nameDecoding } from "./trywords.js";
import { counted } from "../words.js";

const PAGE = 10;

/** Draws into a <details>; `onAgain(record)` puts one back into the form. */
export function tryHistory(box, onAgain) {
  const find = (name) => box.querySelector(`[data-${name}]`);
  let [run, limit, call] = ["", PAGE, 0];
  const more = el("button", { class: "button small", type: "button", text: "Show more" });
  find("more").replaceChildren(more);

  async function show(wanted) {
    if (wanted !== run) [run, limit] = [wanted, PAGE];
    const mine = ++call;
    try {
      const { total, tries } = await getJson(`runs/${run}/tries`, { limit });
      if (mine !== call) return;
      box.hidden = !total;
      find("asked").textContent = `Asked before: ${counted(total, "prompt")}`;
      find("tries").replaceChildren(...tries.map((record) => drawTry(record, onAgain)));
      find("more").hidden = total <= tries.length || limit >= 100;
    } catch (problem) {
      if (mine !== call) return;
      box.hidden = false;
      find("tries").replaceChildren(el("li", {}, drawProblem(problem)));
    }
  }

  more.addEventListener("click", () => {
    limit = Math.min(100, limit + PAGE);
    show(run);
  });
  return { show };
}

function drawTry(record, onAgain) {
  const again = el("button", { class: "button small", type: "button", text: "Fill in again" });
  again.addEventListener("click", () => onAgain(record));
  const words = `${readTime(record.at)} · ${nameDecoding(record.decoding)}`;
  const head = el(
    "summary",
    {},
    el("span", { class: "try-first", text: firstWords(record) }),
    el("span", { class: "quiet", text: words }),
  );
  const answers = el("div", { class: "try-answers", data: { count: record.answers.length } });
  answers.append(...record.answers.map(drawAnswer));
  const prompt = el("div", { class: "try-prompt completion" }, visibleText("", record.prompt));
  return el("li", {}, el("details", {}, head, el("div", { class: "try-before" }, prompt, again), answers));
}

/** The words by which a question is known again. */
const firstWords = ({ values, prompt }) =>
  (values ? Object.values(values).filter(Boolean).join(" · ") : prompt).replace(/\s+/g, " ").slice(0, 120);

const readTime = (at) => new Date(at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
