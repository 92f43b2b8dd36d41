/* A finished export: its files with size and hash, the downloads, and what can be done with it. */

import { openPush } from "./push.js";
import { address, getJson, post, send } from "../api.js";
import { openDialog } from "../dialog.js";
import { copyButton, el } from "../dom.js";
import { drawNotice, drawProblem } from "../notice.js";
import { bytes, count, counted } from "../words.js";

/** The card of an export {id, previous}; `act` does something with the exports and shows what is there then. */
export function drawMade(made, { act, older = false }) {
  const room = el("section", {
    class: older ? "older-export" : "card",
    "aria-label": older ? "Older export" : "Export",
  });
  getJson(`exports/${made.id}`).then(
    (manifest) => room.replaceChildren(...drawManifest(made, manifest, act, older)),
    (problem) => room.replaceChildren(drawProblem(problem)),
  );
  return room;
}

function drawManifest(made, manifest, act, older) {
  const head = el(
    "header",
    {},
    el("h2", { text: older ? partsOf(manifest) : "Export" }),
    el("span", { class: "quiet", text: describe(manifest) }),
    el("span", { class: "end ways" }, ...drawWays(made, manifest, act)),
  );
  const table = drawFiles(manifest);
  const guarded = Object.values(manifest.parts).reduce((sum, part) => sum + (part.guarded ?? 0), 0);
  const said = guarded
    ? [
        el("footer", {
          class: "quiet",
          text: `${counted(guarded, "text")} got an apostrophe in front, so that no spreadsheet runs it.`,
        }),
      ]
    : [];
  return [head, ...(older ? [el("details", {}, el("summary", { text: "Files" }), table)] : [table]), ...said];
}

const partsOf = ({ parts }) =>
  Object.entries(parts)
    .map(([name, part]) => `${name} ${count(part.records)}`)
    .join(", ");

function describe({ recipe, counts }) {
  const { format, file } = recipe.export;
  const changes = [
    [counts.excluded, "excluded"],
    [counts.edited, "edited"],
    [counts.filtered, "filtered out"],
    [counts.unused, "unused"],
  ].flatMap(([n, word]) => (n ? [`${count(n)} ${word}`] : []));
  const words = [
    recipe.template.style ?? "own template",
    format,
    file,
    recipe.split.method,
    changes.join(", "),
  ];
  return words.filter(Boolean).join(" · ");
}

function drawWays(made, manifest, act) {
  const zip = el("a", {
    class: "button small",
    href: address(`exports/${made.id}.zip`),
    download: "",
    text: "Download zip",
    "aria-label": "Download all as zip",
  });
  const push = el("button", { class: "button small", type: "button", text: "Push to the Hub …" });
  push.addEventListener("click", () => openPush(made.id, manifest));
  const remove = el("button", { class: "button small", type: "button", text: "Remove" });
  remove.addEventListener("click", () => confirmRemoval(made, act));
  return [zip, push, ...(made.previous ? [drawRestore(made, act)] : []), remove];
}

function drawRestore({ id }, act) {
  const restore = el("button", { class: "button small", type: "button", text: "Bring back the previous" });
  restore.addEventListener("click", () => act(() => post(`exports/${id}/previous`)));
  return restore;
}

function confirmRemoval({ id, previous }, act) {
  const remove = el("button", { class: "button primary", type: "button", text: "Remove export" });
  const back = previous ? " The one whose place it took is back then." : "";
  const words = `Its files are deleted here. The same can be written again, as long as the table and its changes are there.${back}`;
  const dialog = openDialog("Remove this export?", [el("p", { text: words })], remove);
  remove.addEventListener("click", () => {
    dialog.close();
    act(async () => {
      await send("DELETE", `exports/${id}`);
      return drawNotice({ kind: "info", message: "The export is removed.", hint: "" });
    });
  });
}

function drawFiles({ id, files, parts }) {
  const body = el("tbody", {}, ...files.map((file) => drawFile(id, file, recordsOf(parts, file))));
  const heads = ["File", "Records", "Size", "SHA-256"].map((text) => el("th", { scope: "col", text }));
  heads.push(el("th", { scope: "col" }, el("span", { class: "off-screen", text: "Download" })));
  const table = el("table", { class: "lines export-files" }, el("thead", {}, el("tr", {}, ...heads)), body);
  return el("div", { class: "scroll-x", tabindex: 0, role: "region", "aria-label": "Files" }, table);
}

/** The records of the part whose file it is; that of a folder begins with "data". */
const recordsOf = (parts, { name }) =>
  Object.values(parts).find(({ file }) => file === name || name.startsWith(`${file}/data`))?.records;

function drawFile(id, { name, bytes: size, sha256 }, records) {
  const hash = sha256
    ? [
        el("code", { text: sha256.slice(0, 12), title: sha256 }),
        copyButton(`Copy the SHA-256 of ${name}`, () => sha256),
      ]
    : [];
  const link = el("a", {
    class: "button small",
    href: address(`exports/${id}/files/${name.split("/").map(encodeURIComponent).join("/")}`),
    download: name.split("/").at(-1),
    "aria-label": `Download ${name}`,
    text: "Download",
  });
  return el(
    "tr",
    {},
    el("td", {}, el("code", { text: name })),
    el("td", { class: "number", text: records == null ? "" : count(records) }),
    el("td", { class: "number", text: bytes(size) }),
    el("td", { class: "hash" }, ...hash),
    el("td", {}, link),
  );
}
