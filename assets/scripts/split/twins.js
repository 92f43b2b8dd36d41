/* Records of one part that have a twin in another: how many, the first pairs, and one button that groups them.
   Near twins are in near.js. */

import { el } from "../dom.js";
import { count, counted } from "../words.js";

/** The twins whose prompt is the same. */
export function drawTwins({ twins, repeated, parts }) {
  if (!twins) return [el("p", { class: "quiet waiting", role: "status", text: "Looking for twins …" })];
  if (parts.length < 2) return [el("p", { class: "quiet", text: "There is one part, so none leaks." })];
  const leaking = twins.filter(({ prompt }) => prompt);
  return [
    leaking.length ? null : el("p", { class: "clean", text: describeClean(repeated) }),
    ...leaking.map(drawLeak),
  ].filter(Boolean);
}

const describeClean = (repeated) =>
  repeated
    ? `None. ${counted(repeated, "record")} repeat a prompt, and all of them stand in one part with it.`
    : "None: no prompt stands in two parts.";

function drawLeak({ part, of, records, exact, prompt, pairs }) {
  const words = `${count(prompt)} of ${counted(records, `${part} record`)} ${prompt === 1 ? "has its" : "have their"} prompt in ${of}`;
  const also = exact ? `, ${exact === prompt ? "all" : count(exact)} with the same completion` : "";
  const shown = pairs.map((pair) => drawPair(pair, part, of, pair.exact ? "same text" : "same prompt"));
  return drawPairs(`Twins of ${part} in ${of}`, `${words}${also}.`, shown, prompt);
}

/** A sentence on records that leak, and pairs of them, of which there are `total`. */
export function drawPairs(name, words, pairs, total) {
  const more = total > pairs.length ? el("p", { class: "more quiet", text: `and ${count(total - pairs.length)} more` }) : null;
  return el(
    "div",
    { class: "leak", role: "group", "aria-label": name },
    el("p", {}, el("b", { text: words })),
    el("ul", { class: "pairs" }, ...pairs),
    more,
  );
}

/** Two records, each with its part and what it asks, and in what they are the same. */
export function drawPair({ row, twin, text, twin_text: other }, part, of, label) {
  return el(
    "li",
    {},
    drawRow(row, part, text),
    drawRow(twin, of, text === other ? "" : other),
    el("span", { class: "label", text: label }),
  );
}

function drawRow(row, part, text) {
  const link = el("a", { href: `?tab=browse&row=${row}`, data: { row }, text: `Row ${count(row)}` });
  return el(
    "span",
    { class: "twin" },
    el("i", { class: `swatch ${part}` }),
    link,
    el("span", { class: "quiet", text: part }),
    text ? el("q", { text, dir: "auto" }) : null,
  );
}

/** What would keep twins together, if anything; `group()` chooses it. */
export function drawProposal({ proposal }, group) {
  if (!proposal) return [];
  const button = el("button", { class: "button primary", type: "button", text: "Group them", on: { click: group } });
  return [el("div", { class: "proposal" }, el("p", { text: proposal.reason }), button)];
}
