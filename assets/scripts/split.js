/* The parts of a split: a bar in their proportions, counts and shares, and what no part asked for. */

import { el } from "./dom.js";
import { drawNotice } from "./notice.js";
import { count, counted, percent } from "./words.js";

export function splitBar({ element, props, watch }) {
  const find = (selector) => element.querySelector(selector);

  function draw() {
    const value = props.value;
    if (value?.total === undefined) return;
    const all = [counted(value.total, "record"), value.changes];
    find("[data-all]").textContent = all.filter(Boolean).join(" · ");
    find("[data-problem]").replaceChildren(
      ...(value.problem ? [drawNotice({ kind: "error", ...value.problem })] : []),
    );
    element.firstElementChild.classList.toggle("stale", Boolean(value.problem));
    if (value.problem) return;
    const shares = [...value.parts, ...(value.unused ? [{ name: "unused", records: value.unused }] : [])];
    find("[data-bar]").replaceChildren(...shares.map(drawShare));
    find("[data-bar]").setAttribute(
      "aria-label",
      shares.map((part) => `${part.name} ${count(part.records)}`).join(", "),
    );
    find("[data-figures]").replaceChildren(...shares.map((part) => drawFigure(part, value.total)));
    find("[data-words]").textContent = describe(value);
  }

  watch("value", draw);
  draw();
}

function drawShare(part) {
  const share = el("span", { class: part.name, title: `${part.name}: ${counted(part.records, "record")}` });
  share.style.flexGrow = part.records;
  return share;
}

function drawFigure(part, total) {
  const name = el("dt", {}, el("i", { class: `swatch ${part.name}` }), part.name);
  const share = el("small", { text: percent(part.records, total) });
  return el("div", {}, name, el("dd", { text: count(part.records) }, share));
}

function describe({ method, seed, unused }) {
  const ways = {
    random: `Drawn at random with seed ${seed}`,
    sequential: "Cut in table order",
    published: "As the source came in splits",
  };
  const how = ways[method];
  const rest = unused
    ? `; ${counted(unused, "record")} unused, because the fractions add up to less than 1`
    : "";
  return `${how}${rest}. Inside a part, records keep their order; training shuffles.`;
}
