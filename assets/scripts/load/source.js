/* The source box and what belongs to it: a Hub dataset's config and split, how much of a stream, how bytes are read.
   Only what applies to the text in the box is shown. */

import { readAddress } from "./addresses.js";
import { hubChooser } from "./hub.js";
import { load } from "./loading.js";
import { describeOptions, drawOptions, fitOptions, readOptions } from "./options.js";

export function source({ element, props, watch }) {
  const find = (selector) => element.querySelector(selector);
  const [form, box] = [find("form"), find("#source")];
  const [stream, how] = [find("[data-stream]"), find("[data-how]")];
  const hub = hubChooser(find("[data-hub]"));
  let loads = false;

  function fit({ now = false } = {}) {
    const address = readAddress(box.value);
    stream.hidden = !["hub", "url"].includes(address.kind);
    how.hidden = address.kind === "hub" || address.format === "typed";
    fitOptions(how, address.format);
    hub.see(address, { now });
    sumUp();
  }

  /** What is set says so even where the form is folded, because it holds for an upload too. */
  function sumUp() {
    find("[data-set]").textContent = describeOptions(readOptions(how));
  }

  function options() {
    const { kind } = readAddress(box.value);
    if (kind === "hub") return { ...hub.choice(), first: first() };
    return kind === "url" ? { ...readOptions(how), first: first() } : readOptions(how);
  }

  function first() {
    if (form.elements.amount.value === "all") return "all";
    return Number(find("[name=first]").value) || null;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (!text) {
      box.focus();
      return;
    }
    if (loads) return; // pressed twice; a disabled button would lose the focus
    loads = true;
    await load({ source: box.value, options: options() }, text);
    loads = false;
  });
  box.addEventListener("input", () => fit());
  box.addEventListener("change", () => fit({ now: true }));
  form.addEventListener("change", () => {
    find("[data-of]").textContent = options().split === "all" ? "records of each split" : "records";
  });
  how.addEventListener("input", sumUp);
  find("[name=first]").addEventListener("input", () => (form.elements.amount.value = "first"));
  find("#use-sample").addEventListener("click", () => load({ sample: true }, "the sample"));
  find("[data-entries]").append(...drawOptions());

  function show() {
    const { first: most = 1000, paths = true } = props.value ?? {};
    find("[name=first]").value = most;
    if (paths) return;
    find("label[for=source]").textContent = "https URL or Hugging Face id";
    box.placeholder = box.placeholder.replace(/^.*?·\s+/, ""); // the first example is a path
  }

  watch("value", show);
  show();
  fit();
}

/** How files are to be read, as the form says; an upload is read so as well. */
export function askedOptions() {
  const how = document.querySelector("[data-how]");
  return how.hidden ? {} : readOptions(how);
}
