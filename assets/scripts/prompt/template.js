/* A template as the editor holds it, the mapping of a recipe: its kind, its texts one by one, and the same text as
   another kind. Knows nothing of the page. */

export const KINDS = [
  ["text", "Text"],
  ["prompt-completion", "Prompt and completion"],
  ["messages", "Messages"],
  ["conversation", "Conversation"],
];
export const ROLES = ["system", "user", "assistant", "tool"];
const SHAREGPT = { human: "user", gpt: "assistant" };

/** text, prompt-completion, messages, or conversation (messages that stand in a column). */
export function kindOf(template) {
  if ("from" in template) return "conversation";
  if ("messages" in template) return "messages";
  return "text" in template ? "text" : "prompt-completion";
}

/** The texts that are written in the grammar, in order: {key, part, text}; `part` is what the server calls it. */
export function textsOf(template) {
  const kind = kindOf(template);
  if (kind === "text") return [{ key: "text", part: "text", text: template.text }];
  if (kind === "prompt-completion")
    return ["prompt", "completion"].map((key) => ({ key, part: key, text: template[key] }));
  if (kind === "conversation") return [{ key: "system", part: "system", text: template.system ?? "" }];
  return template.messages.map(({ role, content }, i) => ({
    key: `messages.${i}`,
    part: role,
    text: content,
  }));
}

/** The template with another text at `key`. */
export function withText(template, key, text) {
  const [field, at] = key.split(".");
  if (at === undefined) return { ...template, [key]: text };
  return {
    ...template,
    [field]: template[field].map((m, i) => (i === Number(at) ? { ...m, content: text } : m)),
  };
}

/** The same text as a template of another kind; `column` is the one that a conversation would be read from. */
export function convert(template, kind, column = "") {
  if (kindOf(template) === kind) return template;
  if (kind === "conversation")
    return { type: "messages", from: column, role: "role", content: "content", roles: {}, system: "" };
  const turns = turnsOf(template);
  if (kind === "messages") return { type: "messages", messages: turns };
  const join = (list, glue) => list.map(({ content }) => content).join(glue);
  const glue = kindOf(template) === "messages" ? "\n\n" : "";
  if (kind === "text") return { type: "text", text: join(turns, glue) };
  const answer = turns.at(-1)?.role === "assistant" ? turns.slice(-1) : [];
  const given = turns.slice(0, turns.length - answer.length);
  return { type: "prompt-completion", prompt: join(given, glue), completion: join(answer, "") };
}

function turnsOf(template) {
  const kind = kindOf(template);
  if (kind === "messages") return template.messages;
  if (kind === "text") return [{ role: "user", content: template.text }];
  if (kind === "conversation") return [{ role: "user", content: template.system ?? "" }];
  return [
    { role: "user", content: template.prompt },
    { role: "assistant", content: template.completion },
  ];
}

/** The map that a conversation needs for these roles, as other tools write them. */
export const guessRoles = (keys) => (keys.role === "from" ? SHAREGPT : {});

/** The template as the server takes it: without what is empty in a conversation. */
export function settle(template) {
  if (kindOf(template) !== "conversation") return template;
  const { roles = {}, system = "", ...rest } = template;
  return { ...rest, ...(Object.keys(roles).length ? { roles } : {}), ...(system ? { system } : {}) };
}

/** Whether two mappings say the same, in whatever order. */
export const isSame = (a, b) => spell(a) === spell(b);

const spell = (value) =>
  JSON.stringify(value, (_, one) =>
    one && typeof one === "object" && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );

/** Which text a problem {part, position} is in: its key, or null. Of several messages of one role it is the one where
 * `isWrong(text)` says that something is wrong at that place. */
export function keyOf(template, { part, position }, isWrong) {
  if (position == null) return null;
  const texts = textsOf(template).filter((text) => text.part === part);
  return (texts.find(({ text }) => isWrong(text)) ?? texts[0])?.key ?? null;
}
