/* The templates that the person keeps under a name, as the server has them. */

import { getJson, send } from "../api.js";

const followers = new Set();
let templates = [];

/** [{name, type, template}], in the order of their names. */
export const savedTemplates = () => templates;

/** Calls `listener()` whenever there are others. */
export const onSavedTemplates = (listener) => followers.add(listener);

const path = (name) => `templates/${encodeURIComponent(name)}`;

export async function loadTemplates() {
  templates = await getJson("templates");
  for (const listener of followers) listener();
}

export async function saveTemplate(name, template) {
  await send("PUT", path(name), { template });
  await loadTemplates();
}

export async function removeTemplate(name) {
  await send("DELETE", path(name));
  await loadTemplates();
}

/** The address of a template's YAML file. */
export const fileOf = (name) => `api/v1/${path(name)}/file`;
