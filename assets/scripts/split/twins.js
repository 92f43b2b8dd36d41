/* Records of one part that have a twin in another: how many, the first pairs, and one button that groups them. */

import { el } from "../dom.js";
import { count, counted } from "../words.js";

/** The card's content; `group()` chooses the method that is proposed. */
export function drawTwins({ twins, repeated, proposal, parts }, group) {
  if (!twins) return [el("p", { class: "quiet waiting", role: "status", text: "Looking for twins …" })];
  if (parts.length < 2) return [el("p", { class: "quiet", text: "There is one part, so none leaks." })];
  const leaking = twins.filter(({ prompt }) => prompt);
  return [
    leaking.length ? null : el("p", { class: "clean", text: describeClean(repeated) }),
    ...leaking.map(drawLeak),
    proposal ? drawProposal(proposal, group) : null,
  ].filter(Boolean);
}

const describeClean = (repeated) =>
  repeated
    ? `None. ${counted(repeated, "record")} repeat a prompt, and all of them stand in one part with it.`
    : "None: no prompt stands in two parts.";

function drawLeak({ part, of, records, exact, prompt, pairs }) {
  const words = `${count(prompt)} of ${counted(records, `${part} record`)} ${prompt === 1 ? "has its" : "have their"} prompt in ${of}`;
  const also = exact ? `, ${exact === prompt ? "all" : count(exact)} with the same completion` : "";
  const more = prompt > pairs.length ? el("p", { class: "more quiet", text: `and ${count(prompt - pairs.length)} more` }) : null;
  return el(
    "div",
    { class: "leak", role: "group", "aria-label": `Twins of ${part} in ${of}` },
    el("p", {}, el("b", { text: `${words}${also}.` })),
    el("ul", { class: "pairs" }, ...pairs.map((pair) => drawPair(pair, part, of))),
    more,
  );
}

function drawPair({ row, twin, exact, text, twin_text: other }, part, of) {
  const same = text === other;
  return el(
    "li",
    {},
    drawRow(row, part, text),
    drawRow(twin, of, same ? "" : other),
    el("span", { class: "label", text: exact ? "same text" : "same prompt" }),
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

function drawProposal({ reason }, group) {
  const button = el("button", { class: "button primary", type: "button", text: "Group them", on: { click: group } });
  return el("div", { class: "proposal" }, el("p", { text: reason }), button);
}
