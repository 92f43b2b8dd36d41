/* The list of all that was taken out or put right in a table, each with a way back. */

import { getJson } from "../api.js";
import { restore, revert } from "./changes.js";
import { openDialog } from "../dialog.js";
import { el } from "../dom.js";
import { drawProblem } from "../notice.js";
import { goTo } from "../place.js";
import { count, counted, nameOf } from "../words.js";

const PAGE = 20;

/** Opens the list for a table. */
export function openChangesList(table) {
  const parts = drawParts();
  const { close } = openDialog("Changes", [parts.head, parts.ask, parts.problem, parts.list, parts.foot]);
  let offset = 0;

  async function load(focus = false) {
    await attempt(async () => {
      const page = await getJson(`tables/${table}/changes`, { offset, limit: PAGE });
      if (offset && offset >= page.total) {
        offset = Math.max(0, offset - PAGE);
        return load(focus);
      }
      draw(page);
      if (focus) parts.sum.focus();
    });
  }

  function draw(page) {
    parts.sum.textContent = page.total ? sumUp(page) : "Nothing is excluded or edited.";
    parts.all.hidden = page.excluded < 2;
    parts.all.textContent = `Restore all ${count(page.excluded)} excluded`;
    parts.list.replaceChildren(...page.rows.map((change) => drawChange(change, { open, takeBack })));
    const last = offset + page.rows.length;
    parts.range.textContent = `${count(page.rows.length ? offset + 1 : 0)}–${count(last)} of ${count(page.total)}`;
    parts.previous.disabled = offset === 0;
    parts.next.disabled = last >= page.total;
    parts.foot.hidden = page.total <= PAGE;
  }

  async function attempt(work) {
    try {
      parts.problem.replaceChildren();
      await work();
    } catch (problem) {
      parts.problem.replaceChildren(drawProblem(problem));
    }
  }

  function open({ row }) {
    close();
    goTo({ row });
  }

  async function takeBack({ kind, row, column }, button) {
    button.disabled = true;
    const at = [...parts.list.children].indexOf(button.closest("li"));
    const undone = kind === "exclude" ? restore(table, { rows: [row] }) : revert(table, row, column);
    if (!(await undone)) {
      button.disabled = false;
      return;
    }
    await load();
    (parts.list.children[at] ?? parts.list.lastElementChild)?.querySelector(".way")?.focus();
    if (!parts.list.children.length) parts.sum.focus();
  }

  function turn(by) {
    offset += by * PAGE;
    load(true);
  }

  parts.previous.addEventListener("click", () => turn(-1));
  parts.next.addEventListener("click", () => turn(1));
  parts.all.addEventListener("click", () => askForAll(parts, restoreAll));
  load();

  async function restoreAll() {
    if (!(await restore(table, { all: true }))) return;
    offset = 0;
    await load(true);
  }
}

const sumUp = ({ excluded, edited, left }) =>
  `${counted(excluded, "record")} excluded, ${counted(edited, "value")} edited; ${counted(left, "record")} left.`;

function drawParts() {
  const button = (text) => el("button", { class: "button small", type: "button", text });
  const sum = el("p", { role: "status", tabindex: -1 });
  const [all, previous, next] = [button("Restore all"), button("Previous"), button("Next")];
  previous.setAttribute("aria-label", "Previous page of changes");
  next.setAttribute("aria-label", "Next page of changes");
  const range = el("span", { class: "quiet" });
  return {
    sum,
    all,
    previous,
    next,
    range,
    head: el("div", { class: "changes-head" }, sum, all),
    ask: el("div"),
    problem: el("div", { data: { problem: "" } }),
    list: el("ul", { class: "changes-list", role: "list", "aria-label": "Changes" }),
    foot: el("div", { class: "changes-foot" }, range, previous, next),
  };
}

/** Asks once more, in the place of the button. */
function askForAll({ ask, all }, work) {
  const act = (text, more, doing) =>
    el("button", {
      class: `button small ${more}`,
      type: "button",
      text,
      on: {
        click: () => {
          ask.replaceChildren();
          doing();
        },
      },
    });
  const yes = act("Restore all", "primary", work);
  const no = act("Keep them excluded", "", () => all.focus());
  const question = el("b", { text: `${all.textContent}? Undo takes it back.` });
  ask.replaceChildren(el("div", { class: "notice" }, question, el("span", { class: "ways" }, yes, no)));
  no.focus();
}

function drawChange(change, { open, takeBack }) {
  const excluded = change.kind === "exclude";
  const name = `record ${count(change.row)}`;
  const door = el("button", {
    class: "door",
    type: "button",
    text: `Record ${count(change.row)}`,
    on: { click: () => open(change) },
  });
  const way = el("button", {
    class: "button small way",
    type: "button",
    text: excluded ? "Restore" : "Revert",
    "aria-label": excluded ? `Restore ${name}` : `Revert ${nameOf({ name: change.column })} of ${name}`,
  });
  way.addEventListener("click", () => takeBack(change, way));
  const place = el("span", { class: "quiet", text: `line ${count(change.line)}`, title: change.file });
  const kind = el("span", { class: `badge ${change.kind}`, text: excluded ? "excluded" : "edited" });
  const line = el("li", {}, el("div", { class: "change-head" }, door, place, kind), way);
  if (!excluded) line.append(drawEdit(change));
  line.addEventListener("click", (event) => event.target.closest("button") || open(change));
  return line;
}

const drawEdit = ({ column, before, after }) =>
  el(
    "div",
    { class: "change-values" },
    el("b", { dir: "auto", text: nameOf({ name: column }) }),
    drawSide("del", before),
    el("span", { class: "arrow", "aria-hidden": "true", text: "→" }),
    drawSide("ins", after),
  );

function drawSide(tag, text) {
  if (text == null) return el(tag, {}, el("span", { class: "nothing null", text: "null" }));
  if (text === "") return el(tag, {}, el("span", { class: "nothing empty", text: "empty" }));
  return el(tag, { dir: "auto", text });
}
