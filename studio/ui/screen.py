"""Screen: what every tab shares — the workspace, the frame, and the ids of the chosen table and run.

The ids are hidden fields of the page itself and come back with every event, so that a page that was open
while the server started again goes on working.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from studio.ui.place import Place, describe_place, read_place, settle_place
from studio.ui.widgets import wire
from studio.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """`shell` is the frame; `table` and `run` hold ids, empty where there is none."""

    workspace: Workspace
    shell: gr.HTML
    table: gr.Textbox
    run: gr.Textbox

    def on_visit(
        self, tab: str, show: Callable[[Place], Sequence[Any]], outputs: Sequence[Any], notice: gr.HTML
    ) -> None:
        """Call `show` for the values of `outputs` whenever the page comes to this tab with a table."""

        def visit(event: gr.EventData) -> list[Any]:
            asked = read_place(event._data)
            place = settle_place(self.workspace, asked)
            shown = show(place) if place.table else [gr.skip()] * len(outputs)
            return [describe_place(self.workspace, asked, place), place.table, place.run, *shown]

        held = [self.shell, self.table, self.run]
        wire(getattr(self.shell, f"visit_{tab}"), visit, [], [*held, *outputs], notice)

    def after(self, event: Any) -> None:
        """Describe the frame anew once an event has changed what a stage holds."""
        event.then(
            fn=self._describe,
            inputs=[self.table, self.run],
            outputs=[self.shell],
            queue=False,
            concurrency_limit=None,
            show_progress="hidden",
            api_visibility="private",
        )

    def _describe(self, table: str, run: str) -> dict[str, Any]:
        asked = read_place({"table": table, "run": run})
        return describe_place(self.workspace, asked, settle_place(self.workspace, asked))
