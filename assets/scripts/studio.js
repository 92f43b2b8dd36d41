/* The door of the page's scripts. Gradio loads this file, then starts each view by name with what the view may use. */
(() => {
  // Relative to this file, so that a path before the studio's address does not matter.
  const views = import("./views.js");

  /** Starts the view `name` in `room`: {element, props, trigger, watch}, as Gradio hands them out. */
  function mount(name, room) {
    views.then((all) => all[name](room));
  }

  /** Shows `text` in the notice `id` while the server works; for the events of Gradio's own buttons. */
  function busy(id, text) {
    document.getElementById(id)?.dispatchEvent(new CustomEvent("studio:busy", { detail: text }));
  }

  window.Studio = { mount, busy };
})();
