/* A template that takes its messages from a column: which column, under which keys a turn has its role and its text,
   what the roles are called there, and a system prompt for conversations without one. */

import { codeField } from "./field.js";
import { guessRoles, ROLES } from "./template.js";
import { el, icon } from "../dom.js";

const CROSS = "m4 4 8 8M12 4l-8 8";

/** The form of a conversation {elements, fields}; `read()` gives it as it is now. `typed(changes)` is called for
 * another text, `change(changes, focus)` for what needs the form anew. */
export function drawConversation(read, { columns, names, typed, change }) {
  const { from, role, content, roles = {}, system = "" } = read();
  const label = "System prompt template";
  const field = codeField({ label, names, typed: (text) => typed({ system: text }) });
  field.show(system);
  const note = "for conversations that begin without one";
  field.element.querySelector(".part-head").append(el("span", { class: "quiet", text: note }));
  const keys = el(
    "div",
    { class: "keys-of-turns" },
    drawColumn(from, columns, (chosen) => typed({ from: chosen })),
    drawText("Role key", role, (key) => typed({ role: key })),
    drawText("Content key", content, (key) => typed({ content: key })),
  );
  const map = drawRoles(roles, {
    typed: (next) => typed({ roles: next }),
    change: (next, focus) => change({ roles: next }, focus),
    guess: () => guessRoles(read()),
  });
  return { elements: [keys, map, field.element], fields: [field] };
}

function drawColumn(chosen, columns, choose) {
  const select = el("select", { "aria-label": "Column of the conversation" });
  const known = columns.includes(chosen) ? columns : [chosen, ...columns];
  select.append(...known.map((value) => el("option", { value, text: value || "choose a column" })));
  select.value = chosen;
  select.addEventListener("change", () => choose(select.value));
  return el("label", {}, el("span", { text: "Column" }), select);
}

function drawText(label, value, typed) {
  const input = el("input", { type: "text", value, spellcheck: "false", autocomplete: "off" });
  input.addEventListener("input", () => typed(input.value));
  return el("label", {}, el("span", { text: label }), input);
}

function drawRoles(roles, { typed, change, guess }) {
  const pairs = Object.entries(roles);
  const read = () => Object.fromEntries(pairs.filter(([source]) => source));
  const rows = pairs.map(([source, role], i) => {
    const name = el("input", { type: "text", value: source, "aria-label": `Role ${i + 1} in the data` });
    const select = el("select", { "aria-label": `Standard role for ${source || `role ${i + 1}`}` });
    select.append(...ROLES.map((value) => el("option", { value, text: value })));
    select.value = role;
    const tell = () => {
      pairs[i] = [name.value, select.value];
      typed(read());
    };
    name.addEventListener("input", tell);
    select.addEventListener("change", tell);
    const left = () => Object.fromEntries(pairs.filter((_, j) => j !== i));
    const remove = icon(CROSS, `Remove the role ${source || i + 1}`, () => change(left(), "add-role"));
    return el("div", { class: "role-row" }, name, el("span", { text: "→" }), select, remove);
  });
  const add = el("button", {
    class: "button small",
    type: "button",
    text: "Add role",
    data: { tool: "add-role" },
  });
  add.addEventListener("click", () => {
    const more = pairs.length ? { [`role ${pairs.length + 1}`]: "user" } : guess();
    change({ ...read(), ...(Object.keys(more).length ? more : { human: "user" }) }, "add-role");
  });
  const words = "system, user, assistant and tool are kept; what is called otherwise is named here";
  return el(
    "fieldset",
    { class: "role-map" },
    el("legend", {}, el("b", { text: "Roles" }), el("span", { class: "quiet", text: ` ${words}` })),
    ...rows,
    add,
  );
}
