"""The door: `python app.py` opens the studio at http://127.0.0.1:7860; its options are `studio serve`'s."""

import sys


def main() -> None:
    """Run `studio serve` with the options given to this file."""
    try:
        from studio.cli import main as run_command
    except ModuleNotFoundError as error:
        sys.stderr.write(f"error: Dataset Studio is not installed: {error.name} is missing.\n")
        sys.stderr.write("hint: Run `make run`, or `pip install -e .` with this Python.\n")
        sys.exit(2)
    sys.argv.insert(1, "serve")
    run_command()


if __name__ == "__main__":
    main()
