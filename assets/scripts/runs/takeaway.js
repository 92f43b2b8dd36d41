/* Taking a model away once its run has succeeded: the files, the card, the push, and how other programs open it. */

import { seenRuns, watchRuns } from "./all.js";
import { drawCode, openText } from "./code.js";
import { openPushOf } from "../export/push.js";
import { address, getJson, getText } from "../api.js";
import { el } from "../dom.js";
import { drawProblem } from "../notice.js";
import { bytes, counted } from "../words.js";

export function takeaway({ element, props, watch }) {
  const [card, body] = ["card", "body"].map((name) => element.querySelector(`[data-${name}]`));
  let shown = "";

  /** Shows the run once it has succeeded; one that goes on again gives nothing meanwhile. */
  function look(runs) {
    const id = props.value?.run ?? "";
    const state = runs.find(({ run }) => run === id)?.state;
    const wanted = state === "succeeded" ? id : "";
    if (wanted === shown) return;
    shown = wanted;
    card.hidden = true;
    if (wanted) show(wanted);
  }

  async function show(id) {
    const nodes = await getJson(`runs/${id}/takeaway`).then(drawAll, (problem) => [drawProblem(problem)]);
    if (id !== shown) return;
    body.replaceChildren(...nodes);
    card.hidden = false;
  }

  watchRuns(element, look);
  watch("value", () => look(seenRuns()));
  look(seenRuns());
}

function drawAll(told) {
  return [
    ...told.bundles.map((bundle) => drawBundle(told, bundle)),
    drawCard(told),
    drawPython(told),
    drawGguf(told),
    drawOllama(told),
  ];
}

const WORDS = {
  adapter: ["The adapter alone", "Small; it is loaded on top of its base model."],
  model: ["The whole model", "Transformers and whatever reads safetensors open it."],
  merged: ["The merged model", "The adapter is in its weights: it is opened without PEFT."],
};

function drawBundle({ run, bundles }, bundle) {
  const { what, name, files, bytes: size } = bundle;
  const [title, words] = WORDS[what === "model" && bundles.length > 1 ? "merged" : what];
  const zip = el("a", {
    class: "button small",
    href: address(`runs/${run}/${what}.zip`),
    download: `${name}.zip`,
    text: "Download zip",
    "aria-label": `Download ${what} as zip`,
  });
  const push = button("Push to the Hub …", `Push the ${what} to the Hub`);
  push.addEventListener("click", () => openModelPush(run, what));
  const list = el(
    "details",
    { class: "take-files" },
    el("summary", { text: `${counted(files.length, "file")}, ${bytes(size)}` }),
    el("ul", {}, ...files.map((file) => drawFile(run, what, file))),
  );
  return drawWay(title, words, [zip, push], list);
}

function drawFile(run, what, { name, bytes: size }) {
  const href = address(`runs/${run}/files/${what}/${encodeURIComponent(name)}`);
  return el(
    "li",
    {},
    el("a", { href, download: name }, el("code", { text: name })),
    el("span", { class: "quiet", text: bytes(size) }),
  );
}

const openModelPush = (run, what) =>
  openPushOf(`runs/${run}/push`, {
    about: "Its model card goes with it, and names the licence of the base model where it states one.",
    placeholder: `name/${what}`,
    sent: `The ${what} is on the Hub.`,
    what: { what },
  });

function drawCard({ run }) {
  const read = button("Read", "Read the model card");
  read.addEventListener("click", () => openText("Model card", () => getText(`runs/${run}/card`)));
  const href = address(`runs/${run}/files/model/README.md`);
  const save = el("a", {
    class: "button small",
    href,
    download: "README.md",
    text: "Download",
    "aria-label": "Download the model card",
  });
  const words = "What it is, its data and recipe, how it was trained, its scores and its limits.";
  return drawWay("Model card", words, [read, save]);
}

const drawPython = ({ use }) => drawFold("In Python", "six lines", drawCode(use.join("\n"), "Copy the lines"));

function drawGguf({ gguf: { commands, words } }) {
  const code = commands.length ? [drawCode(commands.join("\n"), "Copy the commands for GGUF")] : [];
  return drawFold("As GGUF", commands.length ? "with llama.cpp" : "not for tiny", said(words), ...code);
}

function drawOllama({ run, modelfile, ollama }) {
  if (!modelfile.text) return drawFold("In Ollama", "not for this model", ...modelfile.words.map(said));
  const read = button("Read the Modelfile", "Read the Modelfile");
  read.addEventListener("click", () => openText("Modelfile", () => getText(`runs/${run}/modelfile`)));
  return drawFold(
    "In Ollama",
    "with the prompt that was trained",
    said(`The Modelfile lies in the zip. Make the GGUF first. ${modelfile.words.join(" ")}`),
    drawCode(ollama.join("\n"), "Copy the commands for Ollama"),
    el("p", {}, read),
  );
}

const drawWay = (title, words, ways, ...more) =>
  el(
    "div",
    { class: "way" },
    el("div", { class: "about" }, el("h3", { text: title }), el("p", { class: "quiet", text: words })),
    el("div", { class: "ways" }, ...ways),
    ...more,
  );

const drawFold = (title, words, ...content) =>
  el(
    "details",
    { class: "fold" },
    el("summary", {}, el("h3", { text: title }), el("span", { class: "quiet", text: words })),
    el("div", { class: "inside" }, ...content),
  );

const said = (text) => el("p", { class: "quiet", text });

const button = (text, label) =>
  el("button", { class: "button small", type: "button", text, "aria-label": label });
