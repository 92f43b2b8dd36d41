"""Everything that can be taken away from a run, as JSON values: what the page and the command line show."""

from typing import Any

from studio.card.model.using import write_use
from studio.run import RunDir, read_spec
from studio.takeaway.bundle import list_bundles
from studio.takeaway.modelfile import describe_gguf, describe_modelfile


def describe_takeaway(run_dir: RunDir) -> dict[str, Any]:
    """`run bundles modelfile{text words} ollama[commands] gguf{commands words} use[lines]`.

    RunError for a run that has not succeeded, or whose weights are not whole.
    """
    spec, bundles = read_spec(run_dir), list_bundles(run_dir)
    name, modelfile = bundles[0].name, describe_modelfile(run_dir)
    commands, words = describe_gguf(spec, name)
    told = {"spec": spec.to_dict(), "what": "model"}
    return {
        "run": run_dir.run,
        "bundles": [bundle.to_dict() for bundle in bundles],
        "modelfile": {"text": modelfile.text, "words": list(modelfile.words)},
        "ollama": describe_ollama(name) if modelfile.text else [],
        "gguf": {"commands": commands, "words": words},
        "use": write_use(told, name),
    }


def describe_ollama(name: str) -> list[str]:
    """The commands that run `name`/Modelfile, beside whose folder they are given."""
    return [f"ollama create {name} -f {name}/Modelfile", f"ollama run {name}"]
