/* One finding in the list: its title with how many records have it, and, once it is opened, why it matters, the first
   records, and what can be done. */

import { el } from "../dom.js";
import { count, counted, percent } from "../words.js";
import { findingRecords } from "./records.js";

/** The card of a finding of a table: {element, draw(finding, {total, open, fresh})}. `on.toggle(code, open)`,
 * `on.show(finding)` and `on.exclude(finding)` are what it can do. */
export function findingCard(table, first, on) {
  const id = `quality-${first.code}`;
  const number = el("b", { class: "number" });
  const share = el("span", { class: "quiet share" });
  const head = el(
    "button",
    { type: "button", class: "finding-head", "aria-controls": id },
    el("span", { class: "finding-title", text: first.title }),
    number,
    share,
  );
  const why = el("p", { class: "quiet" });
  const records = findingRecords(table, first.code, first.title);
  const show = act("Show in table", () => on.show(now));
  const exclude = act("", () => on.exclude(now));
  const body = el(
    "div",
    { id, class: "finding-body", hidden: true },
    why,
    el("div", { class: "finding-ways" }, show, exclude),
    records.element,
  );
  const element = el(
    "li",
    { class: "finding", data: { code: first.code } },
    el("h3", {}, head),
    body,
  );
  let now = first;
  let survey = null; // whose records the list has

  head.addEventListener("click", () => on.toggle(first.code, body.hidden));

  function draw(finding, { total, open, id: of, pending }) {
    now = finding;
    number.textContent = count(finding.count);
    share.textContent = percent(finding.count, total);
    head.setAttribute("aria-label", `${finding.title}, ${counted(finding.count, "record")}, ${share.textContent}`);
    head.setAttribute("aria-expanded", open);
    why.textContent = finding.explanation;
    exclude.textContent = finding.count === 1 ? "Exclude this one" : `Exclude these ${count(finding.count)}`;
    exclude.disabled = pending;
    body.hidden = !open;
    if (open && survey !== of) records.load();
    survey = open ? of : null;
  }

  return { element, draw };
}

const act = (text, work) =>
  el("button", { class: "button small", type: "button", text, on: { click: work } });
