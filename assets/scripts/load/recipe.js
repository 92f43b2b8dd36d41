/* A recipe that is dropped on the page: its source is found or asked for, and what it says becomes a dataset's draft.
   A source that takes long to read gets its recipe when it is whole. */

import { post, send } from "../api.js";
import { el } from "../dom.js";
import { noteReading, onReadings } from "./ingests.js";
import { drawNotice, drawProblem } from "../notice.js";
import { goToTable } from "../place.js";

const RECIPE = /\.ya?ml$/i;
const MOST = 4_000_000; // bytes that a recipe may have
const awaited = new Map(); // recipes by the id of the table that is read for them

let wanting = null; // the recipe whose file is not here yet

export const isRecipe = ({ name }) => RECIPE.test(name);

/** The recipe that waits for its file, if any: the next upload is that file. */
export const takeWanting = () => {
  const recipe = wanting;
  wanting = null;
  return recipe;
};

/** Opens the recipe in a file; what is said of it is drawn into `box`. */
export async function openRecipe(file, box) {
  wanting = null;
  if (file.size > MOST) {
    box.replaceChildren(drawProblem({ message: `${file.name} is too large for a recipe.`, hint: "Is it a data file?" }));
    return;
  }
  await askRecipe({ text: await file.text(), name: file.name }, box);
}

/** Asks the server to open `recipe`, {text, name}, with the upload that stands in for its source, if there is one. */
export async function askRecipe(recipe, box, upload = null) {
  box.replaceChildren(drawNotice({ kind: "busy", message: `Opening ${recipe.name} …` }));
  try {
    const { reading, needs } = await post("recipes", { ...recipe, ...(upload ? { upload } : {}) });
    if (needs) {
      wanting = recipe;
      box.replaceChildren(drawNeeds(recipe, needs, box));
      return;
    }
    if (reading.state === "done") return open(recipe, reading.id, box);
    awaited.set(reading.id, { recipe, box });
    box.replaceChildren(drawNotice({ kind: "busy", message: `${recipe.name} is opened as soon as ${reading.name} is read.` }));
    noteReading(reading);
  } catch (problem) {
    box.replaceChildren(drawProblem(problem));
  }
}

/** Says on this page that recipes are waited for, and puts each in place when its table is whole. */
export function followRecipes() {
  onReadings(({ ended }) => {
    for (const { id, state } of ended) {
      const waiting = awaited.get(id);
      if (!waiting) continue;
      awaited.delete(id);
      if (state === "done") put(waiting, id);
      else waiting.box.replaceChildren(drawProblem({ message: `${waiting.recipe.name} was not opened: its source was not read to the end.`, hint: "Go on with the reading, then drop the recipe again." }));
    }
  });
}

async function put({ recipe, box }, id) {
  try {
    await send("PUT", `tables/${id}/recipe`, recipe);
    open(recipe, id, box);
  } catch (problem) {
    box.replaceChildren(drawProblem(problem));
  }
}

function open({ name }, id, box) {
  const hint = "Template, split, filter, changes and all other choices are those of the recipe.";
  box.replaceChildren(drawNotice({ kind: "done", message: `${name} is open.`, hint }));
  goToTable(id, "load");
}

function drawNeeds({ name }, { file, sha256 }, box) {
  const known = sha256 ? ` (SHA-256 ${sha256.slice(0, 12)}…)` : "";
  const leave = el("button", { class: "button small", type: "button", text: "Never mind" });
  leave.addEventListener("click", () => {
    wanting = null;
    box.replaceChildren();
  });
  const message = `${name} was made with ${file}${known}, which is not here.`;
  return drawNotice({ kind: "info", message, hint: "Drop that file here, or choose it." }, leave);
}
