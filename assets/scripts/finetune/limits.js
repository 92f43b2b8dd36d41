/* What a person types for an option of a fine-tune, read and checked as they type: the same limits as the server's, in
   its words. Knows no page. */

/** A typed text as {value}, null where the option is left open; or {problem} in words. */
export function readTyped(option, text) {
  const typed = text.trim();
  if (typed === "") return { value: null };
  if (option.kind === "choice" || option.kind === "text") return check(option, typed);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(typed)) return { problem: option.wanted };
  return check(option, Number(typed));
}

function check(option, value) {
  return takes(option, value) ? { value } : { problem: option.wanted };
}

function takes({ kind, least, most, choices }, value) {
  if (kind === "choice") return choices.includes(value);
  if (kind === "text") return /^(all-linear|[\w.]{1,100}(,[\w.]{1,100}){0,30})$/.test(value);
  if (kind === "integer" && !Number.isSafeInteger(value)) return false;
  return Number.isFinite(value) && value >= least && value <= most;
}

/** What is asked for, without what the base model does not take and, of all weights, without what is of an adapter. */
export function chooseAsked(asked, options, adapter) {
  const known = new Map(options.map((option) => [option.name, option]));
  const fits = ([name, value]) =>
    name === "base_model" || (value != null && known.has(name) && (adapter || known.get(name).group !== "adapter"));
  return Object.fromEntries(Object.entries(asked).filter(fits));
}

/** A number as it is written in a field: 2e-5 rather than 0.00002. */
export function spellNumber(value) {
  if (value == null) return "";
  if (typeof value !== "number" || value === 0) return String(value);
  return Math.abs(value) < 0.001 ? value.toExponential().replace("e-0", "e-") : String(value);
}

/** tiny, folder or hub: what the name of a base model means by its form. */
export function kindOf(name) {
  if (name === "tiny") return "tiny";
  return /^([/~.]|[A-Za-z]:\\)/.test(name) || !/^[\w.-]+\/[\w.-]+(@.+)?$/.test(name) ? "folder" : "hub";
}
