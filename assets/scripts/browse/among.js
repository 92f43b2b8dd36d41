/* Records by what was found of them: by a check, {check, finding, tokens, maxLength}, where either a finding by its code
   or a range of tokens is asked for, and `maxLength` is null where the recipe's is meant; or by a survey of quality,
   {survey, finding}. Knows nothing of the page. */

import { nameRange } from "./conditions.js";

const CHECK = /^[0-9a-f]{32}$/;
const FINDING = /^[a-z-]{1,40}$/;
const TOKENS = /^(\d{1,9})-(\d{1,9})$/;
const LENGTH = /^[1-9]\d{0,8}$/;

const TITLES = {
  any: "any problem",
  rendered: "Rendered",
  "not-rendered": "Not rendered",
  "blank-prompt": "Blank prompt",
  "blank-completion": "Blank completion",
  "missing-value": "Missing value",
  "too-long": "Too long",
  "answer-cut": "Answer cut",
  "merged-boundary": "Prompt ends inside a token",
  "control-tokens": "Control tokens in the data",
  "template-marks": "Template marks in the data",
  "double-start": "Start token twice",
  "end-not-trained": "End token not trained",
  "nothing-trained": "Nothing is trained",
};

const QUALITY = {
  "exact-duplicates": "Exact duplicates",
  "near-duplicates": "Near-duplicates",
  "conflicting-answers": "Conflicting answers",
  "empty-answer": "Empty answers",
  "whitespace-answer": "Blank answers",
  "question-in-answer": "Question repeated in the answer",
  "long-answer": "Far longer answers",
  "short-answer": "Far shorter answers",
  "truncated-answer": "Endings that look cut",
  refusal: "Boilerplate refusals",
  "already-formatted": "Already formatted",
  mojibake: "Mojibake",
  "control-characters": "Control characters",
  "mixed-languages": "Mixed languages",
  secrets: "Secrets",
  emails: "E-mail addresses",
};

/** What an address's parameters ask for; null where that is nothing. */
export function readAmong(params) {
  const names = ["check", "survey", "finding", "tokens", "max_length"];
  const [check, survey, finding, tokens, length] = names.map((name) => params.get(name) ?? "");
  if (CHECK.test(survey)) return !check && FINDING.test(finding) ? { survey, finding } : null;
  if (!CHECK.test(check) || FINDING.test(finding) === TOKENS.test(tokens)) return null;
  return {
    check,
    finding: FINDING.test(finding) ? finding : "",
    tokens: TOKENS.test(tokens) ? tokens : "",
    maxLength: LENGTH.test(length) ? Number(length) : null,
  };
}

/** The same as the keys of an address; null takes a key away. */
export const writeAmong = (among) => ({
  check: among?.check ?? null,
  survey: among?.survey ?? null,
  finding: among?.finding || null,
  tokens: among?.tokens || null,
  max_length: among?.maxLength ?? null,
});

/** The same in the body of a request. */
export const bodyOf = ({ check, survey, finding, tokens, maxLength }) =>
  survey ? { survey, finding } : { check, finding, tokens, max_length: maxLength };

/** "Finding: Answer cut", "Tokens: 120 to 139", "Quality: Mojibake". */
export function describeAmong({ survey, finding, tokens }) {
  if (survey) return `Quality: ${Object.hasOwn(QUALITY, finding) ? QUALITY[finding] : finding}`;
  if (finding) return `Finding: ${Object.hasOwn(TITLES, finding) ? TITLES[finding] : finding}`;
  return `Tokens: ${nameRange(TOKENS.exec(tokens).slice(1).map(Number))}`;
}
