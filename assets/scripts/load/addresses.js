/* What the text in the source box names, as far as the text alone tells; the server has the last word. */

const HUB_ID = /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/;
const HUB_URL = /^hf:\/\/datasets\/([^/@]+\/[^/@]+)(?:@([^/]+))?(?:\/([^/@]+))?\/?$/;
const PACKED = /\.(gz|zst|bz2|xz|zip)$/i;
const FORMATS = {
  csv: /\.(csv|tsv)$/i,
  text: /\.txt$/i,
  json: /\.(jsonl|ndjson|json)$/i,
  typed: /\.(parquet|arrow|feather|ipc|xlsx)$/i,
};

/** {kind: "" | "hub" | "url" | "file", format: csv | text | json | typed | "", hub, revision, config}. */
export function readAddress(text) {
  const source = text.trim();
  if (!source) return { kind: "", format: "" };
  const [, hub, revision = "", config = ""] = source.match(HUB_URL) ?? [];
  if (hub) return { kind: "hub", format: "", hub, revision: decode(revision), config };
  const format = formatOf(source);
  if (/^https?:/i.test(source)) return { kind: "url", format };
  if (HUB_ID.test(source) && !format && !PACKED.test(source))
    return { kind: "hub", format, hub: source, revision: "", config: "" };
  return { kind: "file", format };
}

function formatOf(name) {
  const path = name.replace(/[?#].*$/, "").replace(PACKED, "");
  return Object.keys(FORMATS).find((format) => FORMATS[format].test(path)) ?? "";
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
