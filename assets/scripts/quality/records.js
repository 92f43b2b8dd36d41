/* The first records of a finding, each with why it was found, and its twin beside it where there is one. */

import { getJson } from "../api.js";
import { el } from "../dom.js";
import { drawProblem } from "../notice.js";
import { goTo } from "../place.js";
import { count } from "../words.js";
import { sayAlike } from "./findings.js";

const PAGE = 5;

/** The list of a finding of a table: {element, load()}; `load` asks the server anew. */
export function findingRecords(table, code, title) {
  const list = el("ul", { class: "quality-records", role: "list", "aria-label": `First records: ${title}` });
  const more = el("button", { class: "button small", type: "button", hidden: true });
  const told = el("div");
  let asked = 0;

  async function load(offset = 0) {
    const call = ++asked;
    try {
      const page = await getJson(`tables/${table}/quality/${code}`, { offset, limit: PAGE });
      if (call === asked) draw(page, offset);
    } catch (problem) {
      if (call === asked) told.replaceChildren(drawProblem(problem));
    }
  }

  function draw({ count: all, records }, offset) {
    told.replaceChildren();
    const lines = records.map(drawFound);
    if (offset) list.append(...lines);
    else list.replaceChildren(...lines);
    const left = all - list.children.length;
    more.hidden = left <= 0;
    more.textContent = `${count(Math.min(left, PAGE))} more`;
    more.setAttribute("aria-label", `${more.textContent}: ${title}`);
    if (offset) lines[0]?.querySelector("button").focus({ preventScroll: true });
  }

  more.addEventListener("click", () => load(list.children.length));
  return { element: el("div", { class: "quality-found" }, list, told, more), load: () => load() };
}

function drawFound({ row, line, text, why, with: twin, similarity }) {
  const here = drawSide({ row, text }, `line ${count(line)}`);
  const sides = twin ? [drawSide(twin, `earlier, line ${count(twin.line)}`), here] : [here];
  const alike = sayAlike(similarity);
  const words = [why, alike].filter(Boolean).join(" · ");
  return el(
    "li",
    {},
    el("div", { class: twin ? "found-sides two" : "found-sides" }, ...sides),
    words ? el("p", { class: "why", dir: "auto", text: words }) : null,
  );
}

function drawSide({ row, text }, place) {
  const door = el("button", { class: "door", type: "button", text: `Record ${count(row)}` });
  door.addEventListener("click", () => goTo({ row }));
  const shown = text ? el("p", { dir: "auto", text }) : el("p", { class: "nothing empty", text: "empty" });
  const head = el("div", { class: "found-head" }, door, el("span", { class: "quiet", text: place }));
  return el("div", { class: "found-side" }, head, shown);
}
