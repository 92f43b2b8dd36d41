/* Reading a template in: YAML of this studio, a promptsource template, or a tokenizer's chat template. The server says
   which it is, or why it cannot be taken. */

import { textsOf } from "./template.js";
import { post } from "../api.js";
import { openDialog } from "../dialog.js";
import { debounce, el } from "../dom.js";
import { drawNotice, drawProblem } from "../notice.js";

const MOST_BYTES = 200_000; // more than any template may have

/** Opens the dialog; `take({template, name})` is called for what was read. */
export function importTemplate(take) {
  const text = el("textarea", {
    rows: 9,
    spellcheck: "false",
    "aria-label": "Text of the template",
    class: "import-text",
  });
  const file = el("input", {
    type: "file",
    "aria-label": "Template file",
    accept: ".yaml,.yml,.json,.jinja,.txt",
  });
  const said = el("div", { class: "import-said", "aria-live": "polite" });
  const use = el("button", { class: "button primary", type: "button", text: "Use this", disabled: true });
  let [read, name, call] = [null, "", 0];

  const look = async () => {
    const now = ++call;
    [read, use.disabled] = [null, true];
    if (!text.value.trim()) return said.replaceChildren();
    try {
      const answer = await post("templates/read", { text: text.value, name });
      if (now !== call) return;
      read = answer;
      use.disabled = false;
      said.replaceChildren(
        drawNotice({ kind: "done", message: answer.words, hint: "" }),
        ...drawTexts(answer.template),
      );
    } catch (problem) {
      if (now === call) said.replaceChildren(drawProblem(problem));
    }
  };
  const lookSoon = debounce(look, 250);
  text.addEventListener("input", lookSoon);
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    if (chosen.size > MOST_BYTES) {
      const hint = "Choose the file of a template.";
      said.replaceChildren(
        drawNotice({ kind: "error", message: `${chosen.name} is too large for a template.`, hint }),
      );
      return;
    }
    name = chosen.name;
    text.value = await chosen.text();
    look();
  });
  const words =
    "Paste YAML that was exported here, a promptsource template, or a tokenizer’s chat template; or choose its file.";
  const dialog = openDialog(
    "Import a template",
    [el("p", { class: "quiet", text: words }), text, file, said],
    use,
  );
  use.addEventListener("click", () => {
    if (read) take({ template: read.template, name: name.replace(/\.[^.]+$/, "") });
    dialog.close();
  });
}

const drawTexts = (template) =>
  textsOf(template)
    .filter(({ text }) => text)
    .map(({ part, text }) => el("pre", { class: "import-part", "aria-label": part, text }));
