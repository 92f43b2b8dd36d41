/* One test record: its prompt, the expected answer, the answers before and after, what changed, a person's mark, and on demand the
   training records that are nearest. */

import { el } from "../dom.js";
import { count, score } from "../words.js";
import { nearestPanel } from "./nearest.js";
import { nameAddress } from "./sides.js";
import { drawMarked, markTexts } from "./texts.js";

export const MARKS = [
  ["better", "Better", "b"],
  ["same", "Same", "s"],
  ["worse", "Worse", "w"],
];
const CHANGES = { better: "got better", worse: "got worse", same: "no change" };

/** `about()` is {run, ask}; `on.mark(pair, mark)` is called for a decision, `on.focus(row)` where it gets the focus. Returns
 * {node, pair, setMark, setShows, openNearest, unfold}. */
export function pairArticle(pair, shows, about, on) {
  const { ask } = about();
  const buttons = MARKS.map(([mark, text, key]) => markButton(mark, text, key, () => on.mark(pair, mark)));
  const nearest = nearestPanel(pair, about);
  const box = el("div", { class: "pair-texts" });
  const all = el("button", { class: "button small unfold", type: "button", "aria-expanded": false, hidden: true });
  const node = el(
    "article",
    { class: "pair", tabindex: -1, "aria-label": `Test record ${count(pair.row)}`, data: { row: pair.row } },
    el(
      "header",
      {},
      el("h3", { text: `Test record ${count(pair.row)}` }),
      ...drawChange(pair),
      el("span", { class: "ways" }, nearest.button),
      el("span", { class: "marks", role: "group", "aria-label": "Your mark" }, ...buttons),
    ),
    box,
    all,
    nearest.panel,
  );

  function setMark(mark) {
    pair.mark = mark;
    for (const button of buttons) button.setAttribute("aria-pressed", button.dataset.mark === mark);
  }

  function setShows(shown) {
    box.replaceChildren(...drawTexts(pair, shown, ask));
    nearest.setShows(shown);
  }

  function unfold(open = all.ariaExpanded !== "true") {
    node.classList.toggle("unfolded", open);
    all.ariaExpanded = open;
    all.textContent = open ? "Show less" : "Show all of it";
  }

  /** The button stands only where a text is cut. */
  function measure() {
    if (all.ariaExpanded === "true") return;
    const texts = [...box.querySelectorAll(".completion")];
    all.hidden = !texts.some((text) => text.scrollHeight > text.clientHeight + 2);
  }

  all.addEventListener("click", () => unfold());
  node.addEventListener("focusin", () => on.focus(pair.row));
  new ResizeObserver(measure).observe(box);
  unfold(false);
  setShows(shows);
  setMark(pair.mark);
  return { node, pair, setMark, setShows, openNearest: nearest.toggle, unfold: () => all.hidden || unfold() };
}

function markButton(mark, text, key, work) {
  const button = el("button", { type: "button", "aria-pressed": false, data: { mark }, title: `${text}: key ${key}` }, text);
  button.addEventListener("click", work);
  return button;
}

function drawChange({ change, improvement, tuned, judge }) {
  const told = tuned.token_f1 != null;
  const size = Math.abs(improvement).toFixed(2);
  const by = Number(size) ? ` by ${size} ${told ? "F1" : "nats"}` : "";
  const chips = [el("span", { class: `pair-chip ${change}`, text: CHANGES[change] + (change === "same" ? "" : by) })];
  if (tuned.exact_match === 1) chips.push(el("span", { class: "pair-chip exact", text: "exact" }));
  if (judge) chips.push(el("span", { class: "pair-chip", text: `judge ${["base", "tuned"].map((side) => points(judge[side])).join(" → ")}` }));
  return chips;
}

const points = (value) => (value == null ? "–" : String(Math.round(value)));

function drawTexts({ prompt, expected, base, tuned, hits }, shows, { left, right }) {
  const told = [base, tuned].map(({ completion }) => completion ?? "");
  const marks = base.completion == null ? markTexts("nothing", expected, told) : markTexts(shows, expected, told);
  const kind = shows === "shared" ? "shared" : "extra";
  const before = { name: "Before", about: nameAddress(left), words: describe(base) };
  const after = { name: "After", about: nameAddress(right), words: describe(tuned) };
  const plain = base.completion == null ? { name: "Text" } : { name: "Expected" };
  return [
    prompt ? drawSide({ name: "Prompt" }, drawMarked(prompt, [], hits.prompt ?? [], "")) : null,
    drawSide(plain, drawOr(expected, marks.expected, hits.expected, shows === "shared" ? "shared" : "missing")),
    drawSide(before, drawAnswer(base, marks.answers[0], hits.base, kind)),
    drawSide(after, drawAnswer(tuned, marks.answers[1], hits.tuned, kind)),
  ].filter(Boolean);
}

function drawSide({ name, about, words }, nodes) {
  const head = el(
    "h4",
    {},
    name,
    about ? el("span", { class: "quiet", text: about }) : null,
    words ? el("small", { text: words }) : null,
  );
  const text = el("div", { class: "completion", dir: "auto" }, ...nodes);
  return el("div", { class: `pair-text is-${name.toLowerCase()}` }, head, text);
}

function drawAnswer({ completion, finished }, marked, hits, kind) {
  if (completion == null) return [el("span", { class: "nothing", text: "no prompt to complete" })];
  const cut = finished === false ? [el("span", { class: "cut-off", title: "The limit of tokens was reached.", text: "…" })] : [];
  return [...drawOr(completion, marked, hits, kind), ...cut];
}

const drawOr = (text, marked, hits, kind) =>
  text === "" ? [el("span", { class: "nothing", text: "empty" })] : drawMarked(text, marked, hits ?? [], kind);

function describe({ loss, exact_match: exact, token_f1: f1, finished }) {
  const words = [`loss ${score(loss, 2)}`];
  if (exact === 1) words.push("exact");
  else if (f1 != null) words.push(`F1 ${score(f1, 2)}`);
  if (finished === false) words.push("cut at the limit");
  return words.join(" · ");
}
