/* The calls of a judging one by one, a page at a time: what was replied, what was taken from it, and what was asked. */

import { getJson } from "../api.js";
import { el } from "../dom.js";
import { drawProblem } from "../notice.js";
import { count } from "../words.js";

const PAGE = 10;
const NAMES = { base: "before", tuned: "after" };

/** A fold that asks `path` for the calls of a kind once it is opened. */
export function drawReplies(path, only, title) {
  const list = el("ul", { class: "judge-replies" });
  const more = el("button", { class: "button small", type: "button", text: "Show more", hidden: true });
  const said = el("div", { "aria-live": "polite" });
  const fold = el("details", { data: { fold: only } }, el("summary", { text: title }), list, said, more);
  let [asked, offset] = [false, 0];

  async function load() {
    more.disabled = true;
    try {
      const { total, replies } = await getJson(path, { only, offset, limit: PAGE });
      list.append(...replies.map(drawReply));
      offset += replies.length;
      more.hidden = offset >= total;
      more.textContent = `Show more (${count(total - offset)})`;
      said.replaceChildren();
    } catch (problem) {
      said.replaceChildren(drawProblem(problem));
      more.hidden = false;
    }
    more.disabled = false;
  }

  fold.addEventListener("toggle", () => {
    if (!fold.open || asked) return;
    asked = true;
    load();
  });
  more.addEventListener("click", load);
  return fold;
}

function drawReply({ row, order, question, reply, scores, error }) {
  const sides = order.map((side) => NAMES[side] ?? side).join(" and ");
  const taken = scores ? el("b", { class: "judge-score", text: scores.join(" · ") }) : null;
  const text = error || (reply === "" ? "an empty reply" : reply);
  const look = error || reply === "" ? "nothing" : "completion";
  return el(
    "li",
    {},
    el("span", { class: "quiet", text: `Test record ${count(row)}, ${sides}` }),
    taken,
    // A reply that is its number alone is not said twice.
    scores && reply.trim() === scores.join(" ") ? null : el("span", { class: `judge-reply ${look}`, text }),
    el("details", {}, el("summary", { text: "Question" }), el("pre", { class: "judge-text completion", tabindex: 0, "aria-label": "Question", text: question })),
  );
}
