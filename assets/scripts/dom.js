/* Making elements. Text from a dataset reaches the page through `textContent` and text nodes, never as markup. */

const SVG = "http://www.w3.org/2000/svg";

/** An element: `class`, `text`, `data` and `on` are told apart, every other key is an attribute (null leaves it out). */
export function el(tag, { class: name, text, data, on, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text != null) node.textContent = text;
  Object.assign(node.dataset, data);
  for (const [event, listener] of Object.entries(on ?? {})) node.addEventListener(event, listener);
  setAttributes(node, attributes);
  node.append(...children.filter((child) => child != null));
  return node;
}

/** An SVG element; `text` is its text. */
export function svg(tag, { text, ...attributes } = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  if (text != null) node.textContent = text;
  setAttributes(node, attributes);
  node.append(...children.filter((child) => child != null));
  return node;
}

function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("aria-") && value != null) node.setAttribute(name, String(value));
    else if (value === true) node.setAttribute(name, "");
    else if (value != null && value !== false) node.setAttribute(name, value);
  }
}

/** A button that is drawn with one path of a 16 × 16 icon, and says what it does in its label. */
export function icon(path, label, work) {
  const drawing = svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: path }));
  const button = el("button", { class: "icon", type: "button", "aria-label": label, title: label }, drawing);
  button.addEventListener("click", work);
  return button;
}

/** A small button that copies what `read()` returns, and says so. */
export function copyButton(label, read) {
  const button = el("button", { class: "button small", type: "button", text: "Copy", "aria-label": label });
  button.addEventListener("click", async () => {
    button.textContent = (await copyText(read())) ? "Copied" : "Not copied";
    setTimeout(() => (button.textContent = "Copy"), 1600);
  });
  return button;
}

/** Copies a text; on an address without TLS other than this machine's, where browsers lend no clipboard, the old way. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = el("textarea", { class: "off-screen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  }
}

/** Calls `work` once things are quiet for `delay` ms. */
export function debounce(work, delay) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(work, delay, ...values);
  };
}

/** Whether a key belongs to what has the focus; a letter does nothing to a radio button or a checkbox. */
function isTyping({ target, key }) {
  const field = target.closest?.("input, textarea, select, [contenteditable=true]");
  return Boolean(field) && !(field.matches("[type=radio], [type=checkbox]") && /^[a-z?/[\]]$/i.test(key));
}

/** Keys for a view that is on the page: none fires inside a text box, nor with Ctrl, Alt or Meta. */
export function onKeys(element, actions) {
  addEventListener("keydown", (event) => {
    if (!element.offsetParent || isTyping(event) || event.metaKey || event.ctrlKey || event.altKey) return;
    if (!Object.hasOwn(actions, event.key)) return;
    if (actions[event.key](event) !== false) event.preventDefault();
  });
}
