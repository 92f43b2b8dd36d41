/* Ways out of a problem that the server proposes: {"member": ["a.csv", "b.jsonl"]} as one button a choice. */

import { el } from "../dom.js";

const MOST_BUTTONS = 8;
const WAY = {
  member: (name) => `Read ${name}`,
  sheet: (name) => `Read ${name}`,
  field: (name) => `Read the records under ${JSON.stringify(name)}`,
  config: (name) => `Read the config ${name}`,
  split: (name) => (name === "all" ? "Read all splits" : `Read the split ${name}`),
  encoding: (name) => `Read it as ${name}`,
};

/** The choices as buttons, or as a list where there are many; `choose({member: "a.csv"})` takes the one wanted. */
export function drawProposals(proposal, choose) {
  return Object.entries(proposal ?? {}).flatMap(([option, choices]) =>
    choices.length > MOST_BUTTONS
      ? [drawList(option, choices, choose)]
      : choices.map((choice) => drawButton(option, choice, choose)),
  );
}

const nameWay = (option, choice) => WAY[option]?.(choice) ?? `Read with ${option} ${choice}`;

function drawButton(option, choice, choose) {
  const text = nameWay(option, choice);
  return el("button", {
    class: "button small",
    type: "button",
    text,
    on: { click: () => choose({ [option]: choice }) },
  });
}

function drawList(option, choices, choose) {
  const select = el("select", { "aria-label": `Which ${option}` });
  select.append(...choices.map((choice) => el("option", { value: choice, text: choice })));
  const read = el("button", { class: "button small", type: "button", text: "Read it" });
  read.addEventListener("click", () => choose({ [option]: select.value }));
  return el("span", { class: "pick" }, select, read);
}
