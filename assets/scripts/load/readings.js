/* A card for every reading that goes on or ended badly: how far it is, and what can be done about it. */

import { el } from "../dom.js";
import {
  dismissReading,
  isReading,
  lookAtReadings,
  onReadings,
  resumeReading,
  stopReading,
} from "./ingests.js";
import { drawWays, load } from "./loading.js";
import { drawProblem } from "../notice.js";
import { goToTable, onPlace, readPlace } from "../place.js";
import { bytes, counted, duration } from "../words.js";

const WORDS = {
  stopped: ["Stopped.", "What was read stays, as a partial table; go on to read the rest."],
  interrupted: ["The reading was interrupted.", "What was read is there; go on to read the rest."],
  failed: ["The reading failed."],
};

export function readings({ element }) {
  const [list, said] = [element.querySelector("[data-readings]"), element.querySelector("[role=status]")];
  const cards = new Map();

  function draw({ readings, ended, lost }) {
    for (const [id, card] of cards) if (!readings.some((one) => one.id === id)) remove(id, card);
    for (const body of [...readings].reverse()) if (!cards.has(body.id)) add(body.id);
    for (const body of readings) cards.get(body.id).update(body, lost);
    for (const body of ended) say(body);
  }

  /** The newest stands first; a card keeps its place, whichever reading was heard of last. */
  function add(id) {
    cards.set(id, drawCard(id));
    list.prepend(cards.get(id).node);
  }

  function remove(id, { node }) {
    const held = holdsFocus(node);
    node.remove();
    cards.delete(id);
    if (held) (list.querySelector("button") ?? document.querySelector("#report h2, #source"))?.focus();
  }

  /** A screen reader is told how a reading ended; the figures in between would drown everything else. */
  function say({ name, state, records }) {
    if (state === "done") said.textContent = `${name} is read: ${counted(records, "record")}.`;
    else if (WORDS[state]) said.textContent = `${name}: ${WORDS[state][0]}`;
  }

  onReadings(draw);
  onPlace(({ tab }) => tab === "load" && lookAtReadings());
  lookAtReadings();
}

function drawCard(id) {
  const title = el("h2");
  const state = el("span", { class: "state" });
  const actions = el("span", { class: "actions end" });
  const bar = el("progress", { max: 1 });
  const figures = el("p", { class: "progress-line" });
  const problem = el("div", { data: { problem: "" } });
  const head = el("header", {}, title, state, actions);
  const node = el("section", { class: "card reading" }, head, bar, figures, problem);
  let shown = "";

  function update(body, lost) {
    title.textContent = body.name;
    node.setAttribute("aria-label", `Reading ${body.name}`);
    state.textContent = lost && isReading(body) ? "the studio does not answer" : body.state;
    state.dataset.state = isReading(body) ? "running" : body.state;
    bar.setAttribute("aria-label", `How much of ${body.name} is read`);
    bar.hidden = !isReading(body);
    if (body.total) bar.value = Math.min(1, body.bytes / body.total);
    else bar.removeAttribute("value");
    figures.hidden = !isReading(body) && !body.bytes && !body.records;
    figures.replaceChildren(...describeProgress(body).map((text) => el("span", { text })));
    const kind = [body.state, body.table, readPlace().table === id].join(" ");
    if (kind === shown) return; // buttons that a person may be about to press stay where they are
    shown = kind;
    redraw(body);
  }

  function redraw(body) {
    const held = holdsFocus(node);
    actions.replaceChildren(...drawActions(body, node));
    problem.replaceChildren(...drawEnd(body));
    if (held) (actions.querySelector(".primary") ?? actions.querySelector("button")).focus();
  }

  return { node, update };
}

/** Whether a person is at work in the card: a button that is pressed is disabled, and loses the focus. */
const holdsFocus = (node) => node.contains(document.activeElement) || node.hasAttribute("data-acting");

function drawActions({ id, name, state, table }, node) {
  const act = (text, work, kind = "") =>
    el("button", {
      class: `button small ${kind}`,
      type: "button",
      text,
      "aria-label": `${text}: ${name}`,
      on: { click: (event) => attempt(event.currentTarget, () => work(id), node) },
    });
  const open = table && readPlace().table !== id ? [act("Show", () => goToTable(id, "load"))] : [];
  if (state === "reading") return [...open, act("Stop", stopReading)];
  return [
    ...open,
    act("Dismiss", dismissReading),
    act(table ? "Go on" : "Try again", resumeReading, "primary"),
  ];
}

async function attempt(button, work, node) {
  button.disabled = true;
  node.toggleAttribute("data-acting", true);
  try {
    await work();
  } catch (error) {
    node.querySelector("[data-problem]").replaceChildren(drawProblem(error));
  }
  button.disabled = false;
  node.toggleAttribute("data-acting", false);
}

function describeProgress({ state, bytes: done, total, records, left }) {
  if (!done && !records) return state === "reading" ? ["Starting …"] : [];
  const words = [counted(records, "record")];
  if (done) words.unshift(total ? `${bytes(done)} of ${bytes(total)}` : bytes(done));
  if (total && state === "reading") words.push(`${Math.floor((100 * done) / total)} %`);
  if (left != null) words.push(`${duration(left)} left`);
  else if (state === "reading" && !total) words.push("so far");
  return words;
}

function drawEnd(body) {
  if (isReading(body)) return [];
  const [message, hint] = WORDS[body.state];
  if (body.state === "failed") return [drawWays(body, (choice) => retry(body, choice))];
  return [el("p", { class: "quiet", text: body.table ? `${message} ${hint}` : message })];
}

/** Reads the same source with an option more; the card of what failed is of no more use then. */
async function retry({ id, name }, choice) {
  if (await load({ again: id, options: choice }, name)) dismissReading(id);
}
