/* What an export can hold besides its parts: a dataset card, and the configs of trainers. */

import { change, work } from "./work.js";
import { debounce, el } from "../dom.js";

const KEEP = 400; // ms of quiet before a title is kept

/** What the licences of data are called, beside their ids on the Hub. */
const LICENSES = new Map([
  ["unknown", "not known"],
  ["other", "another"],
  ["apache-2.0", "Apache 2.0"],
  ["mit", "MIT"],
  ["cc0-1.0", "CC0 1.0"],
  ["cc-by-4.0", "CC BY 4.0"],
  ["cc-by-sa-4.0", "CC BY-SA 4.0"],
  ["cc-by-nc-4.0", "CC BY-NC 4.0"],
  ["odc-by", "ODC-BY"],
  ["odbl", "ODbL"],
]);

/** Draws the card's form into `room` and its state into `said`: {draw, flush}. */
export function cardForm(room, said) {
  const wanted = el("input", { type: "checkbox" });
  const license = el("select", {});
  const [own, title] = [120, 120].map((maxlength) =>
    el("input", { type: "text", maxlength, autocomplete: "off" }),
  );
  const named = el("label", { class: "entry" }, "Name of the licence", own);
  named.append(el("small", { text: "Without spaces, such as my-license-1.0." }));
  const entries = el(
    "div",
    { class: "entries" },
    el("label", { class: "entry" }, "Licence of the data", license),
    named,
    el("label", { class: "entry" }, "Title", title),
  );
  const words = "A README.md as the Hugging Face Hub reads it: parts, fields, counts, and how it was made.";
  room.replaceChildren(
    el("label", { class: "check-line" }, wanted, "Write a dataset card"),
    el("p", { class: "quiet", text: words }),
    entries,
  );
  let pending = false;

  function draw() {
    if (pending) return;
    const { card, licenses, name } = work.known;
    const first = [...LICENSES.keys()].filter((id) => licenses.includes(id));
    const all = new Set([...first, ...licenses, card?.license ?? "unknown"]);
    license.replaceChildren(
      ...[...all].map((id) => el("option", { value: id, text: LICENSES.get(id) ?? id })),
    );
    license.value = card?.license ?? "unknown";
    wanted.checked = Boolean(card);
    title.placeholder = name;
    if (title !== document.activeElement) title.value = card?.title ?? "";
    if (own !== document.activeElement) own.value = card?.license_name ?? "";
    said.textContent = card ? license.selectedOptions[0].text : "none";
    arrange();
  }

  function arrange() {
    entries.hidden = !wanted.checked;
    named.hidden = license.value !== "other";
  }

  /** Another licence is kept once it has a name. */
  const isReady = () => !wanted.checked || license.value !== "other" || own.value.trim() !== "";

  function keep() {
    arrange();
    if (!isReady()) return own.focus();
    pending = false;
    if (!wanted.checked) return change({ card: null });
    const name = license.value === "other" ? own.value.trim() : null;
    const given = { license: license.value, license_name: name, title: title.value.trim() || null };
    return change({ card: { ...work.known.card, ...given } });
  }

  const keepSoon = debounce(() => pending && isReady() && keep(), KEEP);
  for (const field of [wanted, license])
    field.addEventListener("change", () => {
      pending = true;
      keep();
    });
  for (const field of [own, title])
    field.addEventListener("input", () => {
      pending = true;
      keepSoon();
    });
  return { draw, flush: () => (pending && isReady() ? keep() : null) };
}

/** Draws the trainers' checkboxes into `room` and what is chosen into `said`: {draw}. */
export function configList(room, said) {
  const box = el("div", { class: "trainers", role: "group", "aria-label": "Configs for trainers" });
  room.replaceChildren(
    el("p", { class: "quiet", text: "A file beside the parts that the trainer starts from." }),
    box,
  );

  function draw() {
    const { trainers, configs } = work.known;
    const focused = box.contains(document.activeElement) ? document.activeElement.value : null;
    box.replaceChildren(...trainers.map((one) => drawTrainer(one, configs.includes(one.name))));
    if (focused) box.querySelector(`input[value="${CSS.escape(focused)}"]`)?.focus();
    said.textContent = configs.length ? labelsOf(trainers, configs).join(", ") : "none";
  }

  box.addEventListener("change", () => {
    change({ configs: [...box.querySelectorAll("input:checked")].map(({ value }) => value) });
  });
  return { draw };
}

const labelsOf = (trainers, names) =>
  trainers.filter(({ name }) => names.includes(name)).map(({ label }) => label);

function drawTrainer({ name, label, file, reason }, chosen) {
  const input = el("input", {
    type: "checkbox",
    value: name,
    disabled: Boolean(reason) && !chosen,
    "aria-describedby": `trainer-${name}`,
  });
  input.checked = chosen;
  return el(
    "div",
    { class: "trainer" },
    el("label", {}, input, el("b", { text: label })),
    el("small", { id: `trainer-${name}`, class: reason && chosen ? "bad" : null, text: reason || file }),
  );
}
