"""The page's own views, and how an event is wired.

A view is a gr.HTML with a static template: Gradio evaluates templates as code, so no data ever stands in one.
What a view shows travels as its value (JSON) to a function of assets/scripts, which draws it as text.
These are factories: a subclass of a Gradio component would write a .pyi file beside its source.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import gradio as gr

from studio.errors import StudioError
from studio.ui.notices import no_notice, tell_bug, tell_error

# Relative, so that a path before the studio's address does not matter. Gradio waits for it to load.
SCRIPT = '<script src="assets/scripts/studio.js"></script>'
COMMAND = """<button class="button small command-door" type="button" data-act="command" aria-haspopup="dialog"
  aria-expanded="false" title="Show the command"><svg viewBox="0 0 16 16" aria-hidden="true">
  <path d="M2.5 4.5 6 8l-3.5 3.5M7.5 12h6"/></svg><span>Show the command</span></button>"""
NOTICE = '<div class="st" data-notice aria-live="polite"></div>'

Handler = Callable[..., Sequence[Any]]


def view(script: str, template: str, *, events: Sequence[str] = (), **options: Any) -> gr.HTML:
    """A view drawn by the script's function `script`; `events` are those that it can trigger."""
    named = " ".join(f'"{event}"' for event in events)
    return gr.HTML(
        html_template=template,
        head=SCRIPT,
        apply_default_css=False,
        js_on_load=f'Studio.mount("{script}", {{element, props, trigger, watch}}); // {named}',
        **options,
    )


def notice_view(name: str) -> gr.HTML:
    """Where a tab's notices are shown."""
    return view("notice", NOTICE, elem_id=f"{name}-notice", value={})


def page_head(title: str, words: str = "", *, script: str = "stageHead", ways: str = "") -> gr.HTML:
    """The title of a stage, one sentence on what it is for, and the way to its command line; `ways` are more
    buttons, which `script` hears.
    """
    said = f"<p>{words}</p>" if words else ""
    ways = f'<div class="head-ways with-table">{COMMAND}{ways}</div>'
    return view(script, f'<div class="st page-head with-ways"><h1>{title}</h1>{ways}{said}</div>')


def needs_table(stage: str) -> gr.HTML:
    """What a stage says while there is no table; the style sheet shows it only then."""
    text = (
        '<div class="st card empty-stage"><h2>No table yet</h2>'
        f"<p>{stage} works on a table. Load a file first, or take the sample: it is one click.</p>"
        '<a class="button primary" href="?tab=load" data-go="load">Go to Load</a></div>'
    )
    return gr.HTML(html_template=text, js_on_load=None, apply_default_css=False, elem_classes=["no-table"])


def wire(
    listen: Callable[..., Any],
    handler: Handler,
    inputs: Sequence[Any],
    outputs: Sequence[Any],
    notice: gr.HTML,
    *,
    slow: bool = False,
    js: str | None = None,
) -> Any:
    """Attach a handler to an event. A problem becomes a notice, and the outputs stay as they were.

    Quick handlers pass Gradio's queue by; of a burst of events the last is answered. Slow ones are queued,
    any number at a time, but one per page.
    """
    return listen(
        fn=catch_problems(handler, len(outputs)),
        inputs=list(inputs),
        outputs=[notice, *outputs],
        js=js,
        queue=slow,
        concurrency_limit=None,
        trigger_mode="once" if slow else "always_last",
        show_progress="hidden",
        api_visibility="private",
    )


def catch_problems(handler: Handler, outputs: int) -> Handler:
    """The handler with a notice before its outputs: what it could not do becomes words, never a traceback."""

    @wraps(handler)
    def tell(*values: Any) -> list[Any]:
        try:
            return [no_notice(), *handler(*values)]
        except StudioError as error:
            return [tell_error(error), *[gr.skip()] * outputs]
        except Exception as error:
            return [tell_bug(error), *[gr.skip()] * outputs]

    return tell
