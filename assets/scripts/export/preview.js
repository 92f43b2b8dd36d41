/* The first lines of each part, letter by letter as the file will hold them, and what is to be known before it is
   written. */

import { onWork, work } from "./work.js";
import { address } from "../api.js";
import { copyButton, el } from "../dom.js";
import { drawNotice, drawProblem } from "../notice.js";
import { segments } from "../prompt/segments.js";
import { count, counted } from "../words.js";

const NO_TEXT = "the values; the file itself is no text";

/** Draws into the card of the preview. */
export function previewCard(card) {
  const find = (name) => card.querySelector(`[data-${name}]`);
  const [choice, said, body, remarks, now] = ["parts", "counts", "lines", "remarks", "now"].map(find);
  let [part, drawn, switcher] = ["", "", null];

  function draw() {
    const { preview } = work;
    const { parts, problem } = preview;
    card.classList.toggle("stale", !preview.done);
    if (!parts.some(({ name }) => name === part)) part = parts[0]?.name ?? "";
    drawChoice(parts);
    said.textContent = describe(preview);
    const shown = parts.find(({ name }) => name === part);
    if (problem) body.replaceChildren(drawProblem(problem, ...waysOf(problem)));
    else if (shown) body.replaceChildren(...drawLines(shown, preview));
    else body.replaceChildren(el("p", { class: "quiet", text: "The parts are being cut …" }));
    remarks.replaceChildren(...preview.remarks.map(drawRemark));
    remarks.hidden = !preview.remarks.length;
    now.replaceChildren(...(shown && !problem && preview.streams ? [drawNow(shown)] : []));
  }

  function drawChoice(parts) {
    const key = JSON.stringify(parts.map(({ name, records }) => [name, records]));
    if (key !== drawn) {
      const labels = parts.map(({ name, records }) => [name, `${name} ${count(records)}`]);
      switcher = segments(choice, labels, (name) => {
        part = name;
        draw();
      });
    }
    drawn = key;
    switcher?.choose(part);
    choice.hidden = !parts.length;
  }

  onWork("preview", draw);
  onWork("known", () => card.classList.add("stale"));
}

function describe({ records, changes, unused, done }) {
  if (!done) return "";
  const words = [counted(records, "record")];
  if (changes) words.push(changes);
  if (unused) words.push(`${count(unused)} unused`);
  return words.join(" · ");
}

function drawLines({ lines, records, shown, file }, { readable }) {
  const list = el(
    "ol",
    { class: "file-lines", "aria-label": `First lines of ${file}` },
    ...lines.map(drawLine),
  );
  const more = records - shown;
  const foot = [readable ? "" : NO_TEXT, more > 0 ? `and ${counted(more, "more record")}` : ""]
    .filter(Boolean)
    .join(", ");
  const whole = lines.every((line) => !line.cut) && lines.map((line) => line.text).join("");
  const copy = whole ? copyButton(`Copy the first lines of ${file}`, () => whole) : null;
  const line = el(
    "div",
    { class: "file-foot" },
    el("code", { text: file }),
    el("span", { class: "quiet", text: foot }),
    copy,
  );
  return [line, list];
}

/** A line of the file; its end is shown where the file has one, so that nothing is added or left out. */
function drawLine({ text, cut }) {
  const ends = text.endsWith("\n");
  const item = el("li", {}, el("code", { text: ends ? text.slice(0, -1) : text }));
  if (cut) item.append(el("span", { class: "quiet", text: ` … ${counted(cut, "more character")}` }));
  if (ends) item.append(el("span", { class: "end-mark", "aria-hidden": "true", text: "↵" }));
  return item;
}

const drawRemark = ({ message, hint, kind }) => el("li", {}, drawNotice({ kind, message, hint }));

const waysOf = ({ go }) =>
  go
    ? [
        el("a", {
          class: "button small",
          href: `?tab=${go}`,
          data: { go },
          text: `Go to ${go[0].toUpperCase()}${go.slice(1)}`,
        }),
      ]
    : [];

function drawNow({ name, file }) {
  return el("a", {
    class: "button",
    href: address(`tables/${work.table}/export/parts/${name}`),
    download: file,
    text: `Download ${file} now`,
    title: "This part alone, as it is made; nothing is kept here.",
  });
}
