/* One record as the chosen template renders it: prompt and completion told apart, line ends and tabs visible. */

import { el } from "../dom.js";
import { drawNotice } from "../notice.js";
import { writePlace } from "../place.js";
import { count, counted } from "../words.js";

const TYPE = { "prompt-completion": "prompt and completion", text: "text", messages: "messages" };

export function example({ element, props, trigger, watch }) {
  const find = (selector) => element.querySelector(selector);
  const [text, input] = [find("[data-text]"), find("input")];

  function draw() {
    const value = props.value;
    if (value?.total === undefined) return;
    input.value = value.row;
    input.max = value.total - 1;
    find("[data-act=previous]").disabled = value.row <= 0;
    find("[data-act=next]").disabled = value.row >= value.total - 1;
    find("[data-problem]").replaceChildren(
      ...(value.problem ? [drawNotice({ kind: "error", ...value.problem })] : []),
    );
    const kind = value.problem ? "" : TYPE[value.type];
    find("[data-type]").textContent = [kind, value.changes].filter(Boolean).join(" · ");
    element.firstElementChild.classList.toggle("stale", Boolean(value.problem));
    if (value.problem) return; // the last example stays, faded, while a template is being written
    text.replaceChildren(...drawExample(value));
    find(".legend").hidden = value.type === "text";
    find("[data-remarks]").replaceChildren(...drawRemarks(value));
  }

  function step(row) {
    const last = (props.value?.total ?? 1) - 1;
    const wanted = Math.min(Math.max(0, Math.trunc(row) || 0), last);
    writePlace({ row: wanted });
    trigger("step", { row: wanted });
  }

  find("[data-act=previous]").addEventListener("click", () => step(props.value.row - 1));
  find("[data-act=next]").addEventListener("click", () => step(props.value.row + 1));
  input.addEventListener("change", () => step(Number(input.value)));
  watch("value", draw);
  draw();
}

/** The texts of an example, prompt and completion told apart. */
export function drawExample(value) {
  if (value.type === "text") return [visibleText("prompt", value.text)];
  if (value.type === "prompt-completion")
    return [visibleText("prompt", value.prompt), visibleText("completion", value.completion)];
  return value.messages.flatMap(({ role, content }) => [
    el("b", { class: "role", text: role }),
    visibleText(role === "assistant" ? "completion" : "prompt", content),
  ]);
}

/** A text as it is; the marks of line ends and tabs come from the style sheet, so that copying gives the text alone. */
export function visibleText(name, text) {
  const node = el("span", { class: name });
  for (const piece of text.split(/(\n|\t)/)) {
    if (piece === "\n") node.append(el("span", { class: "line-end", text: "\n" }));
    else if (piece === "\t") node.append(el("span", { class: "tab", text: "\t" }));
    else if (piece) node.append(piece);
  }
  return node;
}

function drawRemarks(value) {
  const remarks = value.remarks.map(({ column, kind, records }) => {
    const words = `is ${kind} here: nothing stands in its place (${counted(records, "record")} of ${count(value.total)} without text)`;
    return el("li", {}, el("code", { text: column }), ` ${words}`);
  });
  if (value.excluded)
    remarks.unshift(el("li", { text: "This record is excluded: exports and training leave it out." }));
  if (value.cut)
    remarks.push(el("li", { text: "Only the first 10,000 characters are shown; exports hold all." }));
  return remarks;
}
