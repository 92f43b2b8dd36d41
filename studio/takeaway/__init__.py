"""Taking a model away from a finished run: its files, its card, and how other programs open it.

    list_bundles, open_bundle    the whole model or the adapter alone, file by file          (bundle.py)
    save_bundle                  the same in a folder or a zip of one's own                  (saving.py)
    describe_card                the model card, with the intervals of the scores            (bundle.py)
    describe_modelfile           what Ollama reads, with the very prompt that was trained    (modelfile.py)
    describe_gguf                the commands that make a GGUF of it                         (modelfile.py)
    start_model_push, …          onto the Hub                                                (pushing.py)
    describe_takeaway            all of that as JSON values                                  (describing.py)

Nothing is made that the run does not hold, and a run that has not succeeded gives nothing.
"""

from studio.takeaway.bundle import Bundle, describe_card, list_bundles, open_bundle, require_success
from studio.takeaway.describing import describe_takeaway
from studio.takeaway.modelfile import Modelfile, describe_gguf, describe_modelfile
from studio.takeaway.pushing import push_bundle, start_model_push
from studio.takeaway.saving import save_bundle

__all__ = [
    "Bundle",
    "Modelfile",
    "describe_card",
    "describe_gguf",
    "describe_modelfile",
    "describe_takeaway",
    "list_bundles",
    "open_bundle",
    "push_bundle",
    "require_success",
    "save_bundle",
    "start_model_push",
]
