/* The exports of a table: every file with its size and hash, the downloads, and the command that writes the same. */

import { address, getJson } from "./api.js";
import { copyButton, el } from "./dom.js";
import { drawProblem } from "./notice.js";
import { bytes, count, counted } from "./words.js";

export function exportFiles({ element, props, watch }) {
  const box = element.querySelector("[data-exports]");
  let asked = 0;

  async function show() {
    const call = ++asked;
    const { exports: ids = [], command = "", changes = "" } = props.value ?? {};
    const now = changes ? [el("p", { class: "quiet", text: `Of the table now: ${changes}.` })] : [];
    if (!ids.length) {
      box.replaceChildren(...now, drawNothing());
      return;
    }
    try {
      const newest = await getJson(`exports/${ids[0]}`);
      if (call !== asked) return;
      const older = ids.slice(1);
      box.replaceChildren(...now, drawExport(newest, command), ...(older.length ? [drawOlder(older)] : []));
    } catch (problem) {
      if (call === asked) box.replaceChildren(drawProblem(problem));
    }
  }

  watch("value", show);
  show();
}

function drawNothing() {
  const words = "One JSONL file per part, the recipe, and a manifest with counts and hashes will stand here.";
  return el(
    "div",
    { class: "card empty-stage" },
    el("h2", { text: "Nothing is exported yet" }),
    el("p", { text: words }),
  );
}

function drawExport(made, command) {
  const zip = el("a", {
    class: "button primary",
    href: address(`exports/${made.id}.zip`),
    download: "",
    text: "Download all as zip",
  });
  const head = el(
    "header",
    {},
    el("h2", { text: "Export" }),
    el("span", { class: "quiet", text: describe(made) }),
    el("span", { class: "end" }, zip),
  );
  const body = el("tbody", {}, ...made.files.map((file) => drawFile(made, file)));
  const heads = ["File", "Records", "Size", "SHA-256"].map((text) => el("th", { scope: "col", text }));
  heads.push(el("th", { scope: "col" }, el("span", { class: "off-screen", text: "Download" })));
  const table = el("table", { class: "lines files" }, el("thead", {}, el("tr", {}, ...heads)), body);
  const foot = el(
    "footer",
    { class: "command" },
    el("span", { class: "quiet", text: "The same, on the command line:" }),
  );
  foot.append(
    el("code", { tabindex: 0, text: command }),
    copyButton("Copy the command", () => command),
  );
  const scroll = el("div", { class: "scroll-x", tabindex: 0, role: "region", "aria-label": "Files" }, table);
  return el("section", { class: "card", "aria-label": "Export" }, head, scroll, foot);
}

function drawFile(made, file) {
  const part = Object.values(made.parts).find((one) => one.file === file.name);
  const hash = part
    ? el(
        "td",
        { class: "hash" },
        el("code", { text: part.sha256.slice(0, 12), title: part.sha256 }),
        copyButton(`Copy the SHA-256 of ${file.name}`, () => part.sha256),
      )
    : el("td");
  const link = el("a", {
    class: "button small",
    href: address(`exports/${made.id}/files/${encodeURIComponent(file.name)}`),
    download: file.name,
    "aria-label": `Download ${file.name}`,
    text: "Download",
  });
  const name = el("td", {}, el("code", { text: file.name }));
  const records = el("td", { class: "number", text: part ? count(part.records) : "" });
  return el(
    "tr",
    {},
    name,
    records,
    el("td", { class: "number", text: bytes(file.bytes) }),
    hash,
    el("td", {}, link),
  );
}

function describe(made) {
  const { recipe, counts } = made;
  const style = recipe.template.style ?? "own template";
  const unused = counts.unused ? ` · ${counted(counts.unused, "record")} unused` : "";
  const changes = [
    [counts.excluded, "excluded"],
    [counts.edited, "edited"],
    [counts.filtered, "filtered out"],
  ].flatMap(([n, word]) => (n ? [`${count(n)} ${word}`] : []));
  const words = [style, recipe.export.format, recipe.split.method, changes.join(", ")].filter(Boolean);
  return words.join(" · ") + unused;
}

function drawOlder(ids) {
  const list = el("ul", { class: "older" });
  const details = el(
    "details",
    { class: "card" },
    el("summary", { text: counted(ids.length, "older export") }),
    list,
  );
  details.addEventListener("toggle", () => {
    if (details.open && !list.children.length) for (const id of ids) addOlder(list, id);
  });
  return details;
}

async function addOlder(list, id) {
  const item = el("li");
  list.append(item);
  try {
    const made = await getJson(`exports/${id}`);
    const zip = el("a", {
      class: "button small",
      href: address(`exports/${id}.zip`),
      download: "",
      text: "Download zip",
    });
    const counts = Object.entries(made.parts).map(([name, part]) => `${name} ${count(part.records)}`);
    item.append(el("span", { text: `${describe(made)} · ${counts.join(", ")}` }), zip);
  } catch (problem) {
    item.append(drawProblem(problem));
  }
}
