/* A template of messages: a row for each, with its role and its text; they can be added, removed and moved. */

import { codeField } from "./field.js";
import { ROLES } from "./template.js";
import { el, icon } from "../dom.js";

const UP = "M8 13V3.5M4 7l4-4 4 4";
const DOWN = "M8 3v9.5M4 9l4 4 4-4";
const CROSS = "m4 4 8 8M12 4l-8 8";

/** The rows of the messages {elements, fields}; `read()` gives them as they are now. `change(messages, focus)` is
 * called for another list, where `focus` is "row:button" of what has the focus next; `typed(i, text)` for another
 * text. */
export function drawTurns(read, { names, typed, change }) {
  const last = read().length - 1;
  const fields = read().map(({ role, content }, i) => {
    const choose = (chosen) =>
      change(
        read().map((one, j) => (j === i ? { ...one, role: chosen } : one)),
        `${i}:role`,
      );
    const field = codeField({
      label: `Message ${i + 1} template`,
      title: drawRole(role, i, choose),
      names,
      typed: (text) => typed(i, text),
      tools: drawTools(i),
    });
    field.show(content);
    return field;
  });

  function drawTools(i) {
    const tool = (path, label, name, work) => {
      const button = icon(path, `${label} message ${i + 1}`, work);
      button.dataset.tool = `${i}:${name}`;
      return button;
    };
    const up = tool(UP, "Move up", "up", () => move(i, i - 1, "up"));
    const down = tool(DOWN, "Move down", "down", () => move(i, i + 1, "down"));
    const remove = tool(CROSS, "Remove", "remove", () => {
      const left = read().filter((_, j) => j !== i);
      change(left, `${Math.min(i, left.length - 1)}:remove`);
    });
    up.disabled = i === 0;
    down.disabled = i === last;
    remove.disabled = last === 0;
    return [up, down, remove];
  }

  function move(from, to, name) {
    const moved = read().slice();
    moved.splice(to, 0, ...moved.splice(from, 1));
    change(moved, `${to}:${name}`);
  }

  const add = el("button", { class: "button small", type: "button", text: "Add message" });
  add.addEventListener("click", () => {
    const role = read().at(-1).role === "user" ? "assistant" : "user";
    change([...read(), { role, content: "" }], `${last + 1}:text`);
  });
  return {
    elements: [...fields.map(({ element }) => element), el("div", { class: "part-foot" }, add)],
    fields,
  };
}

function drawRole(role, i, choose) {
  const roles = ROLES.includes(role) ? ROLES : [role, ...ROLES];
  const select = el("select", { "aria-label": `Role of message ${i + 1}`, data: { tool: `${i}:role` } });
  select.append(...roles.map((value) => el("option", { value, text: value })));
  select.value = role;
  select.addEventListener("change", () => choose(select.value));
  return select;
}
