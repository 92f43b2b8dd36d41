/* The base model: tiny, a folder or an id of the Hub; what it is, or why it is refused. */

import { chooseModel, leaveModel, work } from "./work.js";
import { kindOf } from "./limits.js";
import { getJson } from "../api.js";
import { debounce, el } from "../dom.js";
import { drawNotice, drawProblem } from "../notice.js";
import { bytes, count } from "../words.js";

const TYPED = 700; // ms of quiet before a typed folder is looked at
const KINDS = { tiny: "tiny", folder: "Folder", hub: "Hub" };
const PLACES = {
  folder: { label: "Folder", placeholder: "/models/SmolLM2-135M", hint: "Of this machine, as save_pretrained left it." },
  hub: {
    label: "Hub id",
    placeholder: "HuggingFaceTB/SmolLM2-135M",
    hint: "Press Enter to look it up. It stays at the commit of then; @revision asks for another.",
  },
};

/** Draws the choice into `kinds` and `place`, and the model into `about`: {draw}. */
export function drawModel(kinds, place, about) {
  let [kind, drawn] = ["", null];
  const typed = { folder: "", hub: "" };
  kinds.replaceChildren(...Object.entries(KINDS).map(drawKind));

  kinds.addEventListener("change", ({ target }) => {
    kind = target.value;
    drawPlace();
    if (kind === "tiny") choose("tiny");
    else if (typed[kind]) choose(typed[kind]);
    else {
      leaveModel();
      place.querySelector("input").focus();
    }
  });

  function drawPlace() {
    place.hidden = kind === "tiny";
    place.replaceChildren(...(kind === "tiny" ? [] : [drawEntry(kind, typed, look)]));
  }

  const look = (text) => {
    typed[kind] = text;
    if (text && (text !== work.name || work.refused)) choose(text);
  };

  /** What is named here stays where it was named, even if its form says otherwise. */
  function choose(name) {
    drawn = name;
    chooseModel(name);
  }

  function draw() {
    const { name } = work;
    if (name && name !== drawn) {
      kind = kindOf(name);
      if (kind !== "tiny") typed[kind] = name;
      kinds.querySelector(`[value=${kind}]`).checked = true;
      if (!place.contains(document.activeElement)) drawPlace();
    }
    drawn = name;
    about.replaceChildren(...drawAbout());
  }

  return { draw };
}

function drawKind([kind, label]) {
  const input = el("input", { type: "radio", name: "base-model-kind", value: kind });
  return el("label", {}, input, label);
}

function drawEntry(kind, typed, look) {
  const { label, placeholder, hint } = PLACES[kind];
  const input = el("input", {
    type: "text",
    "aria-label": label,
    "aria-describedby": "base-model-hint",
    value: typed[kind] || null,
    placeholder,
    list: "base-models-used",
    spellcheck: "false",
    autocomplete: "off",
    maxlength: 4096,
  });
  const used = el("datalist", { id: "base-models-used" });
  getJson("tokenizers").then(
    (all) => used.replaceChildren(...all.map(({ choice }) => choice).filter((choice) => kindOf(choice) === kind).map((value) => el("option", { value }))),
    () => null, // there is nothing to propose
  );
  const lookSoon = debounce(() => kind === "folder" && look(input.value.trim()), TYPED);
  input.addEventListener("input", lookSoon);
  input.addEventListener("change", () => look(input.value.trim()));
  return el("label", { class: "entry" }, label, input, el("small", { id: "base-model-hint", text: hint }), used);
}

function drawAbout() {
  if (work.looking && !work.model) return [drawNotice({ kind: "busy", message: `Looking at ${short(work.looking)} …` })];
  if (work.refused) return [drawProblem(work.refused)];
  if (!work.model) return [];
  return work.model.kind === "tiny" ? drawTiny(work.model) : drawReal(work.model);
}

const short = (name) => (name.length > 60 ? `${name.slice(0, 60)}…` : name);

function drawTiny({ parameters }) {
  const words =
    `Trained from scratch (demo): ${million(parameters)} parameters, made from your train part with no network. ` +
    "In about a minute it learns the style and the domain of your records, not facts.";
  return [el("p", { class: "quiet", text: words })];
}

function drawReal(model) {
  const { architecture, parameters, bytes: size, dtype, context, chat, licence, revision, ready, unopened } = model;
  const facts = [
    ["Model", architecture],
    ["Size", `${million(parameters)} parameters, ${bytes(size)} in ${dtype}`],
    ["Context", context ? `${count(context)} tokens` : "not stated"],
    ["Chat template", chat ? "yes" : "none"],
    ["Licence", licence || "not stated"],
    ...(revision ? [["Commit", revision.slice(0, 12)]] : []),
  ];
  const pairs = facts.map(([name, text]) => el("div", {}, el("dt", { text: name }), el("dd", { text })));
  const notes = [
    ...(ready ? [] : [`The start fetches its ${bytes(size)} first.`]),
    ...(unopened.length ? [`Never opened, as they could run a program: ${listSome(unopened)}.`] : []),
  ];
  return [el("dl", { class: "tune-facts" }, ...pairs), ...notes.map((text) => el("p", { class: "quiet", text }))];
}

const listSome = (names) =>
  names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ");

const million = (n) => (n >= 1e9 ? `${(n / 1e9).toFixed(1)} B` : n >= 1e5 ? `${(n / 1e6).toFixed(1)} M` : count(n));
