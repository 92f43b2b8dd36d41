/* A file from the person's disk to the server: dropped or chosen, sent as it is, with progress; then it is loaded. One
   that is a recipe is opened. */

import { address } from "../api.js";
import { el } from "../dom.js";
import { load } from "./loading.js";
import { drawNotice } from "../notice.js";
import { askRecipe, followRecipes, isRecipe, openRecipe, takeWanting } from "./recipe.js";
import { askedOptions } from "./source.js";
import { bytes } from "../words.js";

export function upload({ element, props }) {
  const [zone, input, box] = ["[data-drop]", "input[type=file]", "[data-progress]"].map((s) =>
    element.querySelector(s),
  );
  let sending = null;

  function send(file) {
    sending?.abort();
    if (isRecipe(file)) return openRecipe(file, box);
    const limit = props.value?.limit ?? Infinity;
    if (file.size > limit) {
      fail(
        `${file.name} has ${bytes(file.size)}; an upload may have ${bytes(limit)}.`,
        "Give its path on this machine instead.",
      );
      return;
    }
    sending = new XMLHttpRequest();
    sending.open("PUT", address(`uploads/${encodeURIComponent(file.name)}`));
    const progress = drawProgress(file, () => sending.abort());
    box.replaceChildren(progress.box);
    sending.upload.addEventListener("progress", (event) => progress.show(event.loaded, file.size));
    sending.addEventListener("load", (event) => finish(event.target, file));
    sending.addEventListener("error", () =>
      fail("The upload broke off.", "Is the server still running? Try again."),
    );
    sending.addEventListener("abort", () => box.replaceChildren());
    sending.send(file);
  }

  function finish(request, file) {
    const answer = readAnswer(request.responseText);
    if (request.status >= 300 || !answer.id)
      return fail(answer.error ?? `The server answered ${request.status}.`, answer.hint ?? "Try again.");
    const recipe = takeWanting();
    if (recipe) return askRecipe(recipe, box, answer.id);
    box.replaceChildren();
    load({ upload: answer.id, options: askedOptions() }, file.name);
  }

  followRecipes();

  const fail = (message, hint) => box.replaceChildren(drawNotice({ kind: "error", message, hint }));

  input.addEventListener("change", () => {
    if (input.files.length) send(input.files[0]);
    input.value = "";
  });
  for (const name of ["dragenter", "dragover"])
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    if (event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
  });
}

function readAnswer(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function drawProgress(file, cancel) {
  const words = el("span");
  const bar = el("progress", {
    max: Math.max(1, file.size),
    value: 0,
    "aria-label": `Uploading ${file.name}`,
  });
  const stop = el("button", { class: "button small", type: "button", text: "Stop", on: { click: cancel } });
  const box = el(
    "div",
    { class: "notice busy" },
    el("b", { text: `Uploading ${file.name}` }),
    bar,
    words,
    stop,
  );
  return {
    box,
    show(sent, all) {
      bar.value = sent;
      words.textContent = `${bytes(sent)} of ${bytes(all)}`;
    },
  };
}
