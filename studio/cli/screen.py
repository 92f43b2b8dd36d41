"""The command that opens the screen: serve."""

from typing import Annotated

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 for any free one.", min=0, max=65535)] = 7860,
    expose: Annotated[bool, typer.Option("--expose", help="Allow an address beyond this machine.")] = False,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Start the page; beyond this machine it needs --expose and a login (STUDIO_LOGIN=name:password)."""
    from studio.settings import Settings
    from studio.web.serve import serve as serve_page

    def announce(answer: dict[str, str]) -> None:
        say(answer, [f"Dataset Studio is at {answer['url']}"], as_json=as_json)

    serve_page(Settings.from_env(workspace), host=host, port=port, expose=expose, announce=announce)
