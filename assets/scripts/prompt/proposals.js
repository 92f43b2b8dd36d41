/* What the records look like, with the reasons, and what that proposes. Nothing of it is applied by itself. */

import { isSame, settle } from "./template.js";
import { el } from "../dom.js";
import { count, counted } from "../words.js";

/** Draws the shapes into `card`, or what is formatted already where there is no shape to say it; hidden where there is
 * nothing to say. `use(template, columns)` takes a shape. */
export function drawProposals(card, known, use) {
  const { shapes, formatted } = known;
  card.hidden = !shapes.length && !formatted.length;
  if (card.hidden) return;
  const [first, ...others] = shapes.map((shape) => drawShape(shape, known, use));
  const more = others.length
    ? [el("details", {}, el("summary", { text: `${counted(others.length, "other reading")}` }), ...others)]
    : [];
  card.replaceChildren(
    el("header", {}, el("h2", { text: "What the records look like" })),
    el("div", { class: "proposals" }, ...(first ? [first] : formatted.map(drawFormatted)), ...more),
  );
}

function drawShape(shape, known, use) {
  const { label, reasons, columns } = shape;
  const work = () => use(shape.style ? { style: shape.style } : shape.template, columns);
  const named = { text: "Use this", "aria-label": `Use this: ${label}` };
  const button = el("button", { class: "button small", type: "button", ...named, on: { click: work } });
  const state = isInUse(shape, known) ? el("span", { class: "badge", text: "in use" }) : button;
  return el(
    "section",
    { class: shape.certain === false ? "proposal doubt" : "proposal" },
    el("div", { class: "proposal-head" }, el("h3", { text: label }), state),
    el("ul", {}, ...reasons.map((text) => el("li", { text }))),
  );
}

/** Whether what is chosen is what the shape proposes. */
export function isInUse({ style, template, columns }, known) {
  if (style) return style === known.chosen && isSame(moved(columns), moved(known.columns));
  return known.chosen === "own" && isSame(settle(template), settle(known.template));
}

const moved = (columns) =>
  Object.fromEntries(Object.entries(columns).filter(([name, column]) => name !== column));

function drawFormatted({ column, marks, records, of }) {
  const held = marks.map((mark) => `“${mark.trim()}”`).join(", ");
  const words = `${column} holds ${held} in ${count(records)} of ${counted(of, "record")} looked at.`;
  const hint = "A style would write such marks twice: use the column as it is, with a template of your own.";
  return el(
    "section",
    { class: "proposal formatted" },
    el("div", { class: "proposal-head" }, el("h3", { text: "Already formatted" })),
    el("ul", {}, el("li", { text: words }), el("li", { text: hint })),
  );
}
