/* The parts of a split: a bar in their proportions, counts and shares, and what no part asked for. */

import { el } from "../dom.js";
import { count, counted, percent } from "../words.js";

/** Draws `{total, parts, unused}` into the elements of the card. */
export function drawBar({ bar, figures }, { total, parts, unused }) {
  const shares = [...parts, ...(unused ? [{ name: "unused", records: unused }] : [])];
  bar.replaceChildren(...shares.map(drawShare));
  bar.setAttribute("aria-label", shares.map((part) => `${part.name} ${count(part.records)}`).join(", "));
  figures.replaceChildren(...shares.map((part) => drawFigure(part, total)));
}

/** How the parts were cut, in a sentence. */
export function describeSplit({ method, by, near, seed, unused }) {
  const name = by == null ? "prompt" : JSON.stringify(by);
  const same = near == null ? `the same ${name}` : `the same ${name}, or one that is ${percentOf(near)} or more alike,`;
  const ways = {
    random: `Drawn at random with seed ${seed}`,
    sequential: "Cut in table order",
    stratified: `Drawn at random with seed ${seed}, of every value of ${name} its share`,
    grouped: `Records with ${same} in one part, drawn at random with seed ${seed}`,
    hash: `By a hash of the ${name} with seed ${seed}: records that are added later move none`,
    published: "As the source came in splits",
  };
  const rest = unused ? `; ${counted(unused, "record")} unused, because the parts ask for fewer than all` : "";
  return `${ways[method]}${rest}. Inside a part, records keep their order; training shuffles.`;
}

/** Such as 81 %; what is not quite the same is never 100 %. */
export const percentOf = (similarity) => `${similarity < 1 ? Math.min(99, Math.round(similarity * 100)) : 100} %`;

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
