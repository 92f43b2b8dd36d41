/* The person's own templates: saved under a name, taken, deleted and brought back, read in from other tools, and
   written out as YAML. */

import { importTemplate } from "./importing.js";
import {
  fileOf,
  loadTemplates,
  onSavedTemplates,
  removeTemplate,
  savedTemplates,
  saveTemplate,
} from "./saved.js";
import { kindOf, KINDS, settle } from "./template.js";
import { choose, onWork, work } from "./work.js";
import { postText } from "../api.js";
import { copyButton, el, icon } from "../dom.js";
import { drawNotice, drawProblem } from "../notice.js";

const CROSS = "m4 4 8 8M12 4l-8 8";
const DOWN = "M8 2.5V10m0 0 3-3m-3 3L5 7M2.5 10.5v2a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1v-2";
const LABELS = new Map(KINDS);

/** Draws the card into `card`. */
export function library(card) {
  const notice = el("div", { class: "library-notice", "aria-live": "polite" });
  const list = el("ul", { class: "own-templates" });
  const name = el("input", {
    type: "text",
    placeholder: "Name",
    "aria-label": "Name of the template",
    maxlength: 80,
  });
  const save = el("button", { class: "button small", type: "submit", text: "Save" });
  const form = el("form", { class: "save-template" }, name, save);
  let yaml = "";
  const copy = copyButton("Copy as YAML", () => yaml);
  const file = button("Download", "Download as YAML", download);
  const read = button("Import …", null, () => importTemplate(take));
  copy.addEventListener("pointerenter", write);
  copy.addEventListener("focus", write);
  card.replaceChildren(
    el(
      "header",
      {},
      el("h2", { text: "Your templates" }),
      el("span", { class: "quiet", text: "kept in the workspace" }),
    ),
    el("div", { class: "library" }, form, notice, list),
    el(
      "footer",
      {},
      read,
      el("span", { class: "ways" }, el("span", { class: "quiet", text: "This one as YAML" }), copy, file),
    ),
  );

  function draw() {
    const has = savedTemplates();
    list.hidden = !has.length;
    list.replaceChildren(...has.map(drawLine));
    nameSave();
  }

  /** A name that is taken is replaced knowingly. */
  function nameSave() {
    const taken = savedTemplates().some((one) => one.name === name.value.trim());
    save.textContent = taken ? "Replace" : "Save";
    save.disabled = !name.value.trim() || !work.editor;
  }

  function drawLine(saved) {
    const use = button("Use", `Use ${saved.name}`, () => choose(saved.template));
    const link = icon(DOWN, `Download ${saved.name}`, () => go(fileOf(saved.name), `${saved.name}.yaml`));
    const remove = icon(CROSS, `Delete ${saved.name}`, () => attempt(() => drop(saved)));
    const kind = LABELS.get(kindOf(saved.template)) ?? saved.type;
    return el(
      "li",
      {},
      el("b", { dir: "auto", text: saved.name }),
      el("span", { class: "quiet", text: kind }),
      use,
      link,
      remove,
    );
  }

  async function drop(saved) {
    await removeTemplate(saved.name);
    const undo = button("Undo", null, () =>
      attempt(async () => {
        await saveTemplate(saved.name, saved.template);
        notice.replaceChildren();
      }),
    );
    notice.replaceChildren(
      drawNotice({ kind: "info", message: `${saved.name} is deleted.`, hint: "" }, undo),
    );
  }

  async function attempt(work) {
    try {
      await work();
    } catch (problem) {
      notice.replaceChildren(drawProblem(problem));
    }
  }

  function take({ template, name: found }) {
    choose(template, {});
    name.value = found;
    nameSave();
    const hint = "Save it under a name to have it for other datasets too.";
    notice.replaceChildren(drawNotice({ kind: "done", message: "The template is read and in use.", hint }));
  }

  /** What stands in the editor as YAML; asked for before the click, which may copy only what is there. */
  async function write() {
    const { editor } = work;
    await attempt(async () => {
      yaml = await postText("templates/write", { template: settle(editor), name: nameNow() });
    });
  }

  async function download() {
    await write();
    if (!yaml) return;
    const url = URL.createObjectURL(new Blob([yaml], { type: "application/yaml" }));
    go(url, `${nameNow()}.yaml`);
    URL.revokeObjectURL(url);
  }

  const nameNow = () =>
    name.value.trim() || (work.known?.chosen === "own" ? "template" : work.known?.chosen) || "template";

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      const saved = name.value.trim();
      await saveTemplate(saved, settle(work.editor));
      notice.replaceChildren(drawNotice({ kind: "done", message: `${saved} is saved.`, hint: "" }));
    });
  });
  name.addEventListener("input", nameSave);
  onSavedTemplates(draw);
  onWork("template", () => {
    yaml = "";
    nameSave();
  });
  onWork("known", () => savedTemplates().length || attempt(loadTemplates));
  draw();
}

function button(text, label, work) {
  return el("button", {
    class: "button small",
    type: "button",
    text,
    "aria-label": label,
    on: { click: work },
  });
}

function go(href, download) {
  el("a", { href, download }).click();
}
