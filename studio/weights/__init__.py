"""A language model as it lies on disk: what it is, and why it may not be trusted. Read without torch.

    describe_folder   →  Description: parameters, context, number type, chat template, licence
    list_weights      →  the safetensors files, or why there are none that may be opened
    read_header       →  the names, types and shapes in one of them, no weight is read
    link_model        →  a folder in which nothing stands but what may be opened
    estimate_memory   →  what a fine-tune of it takes, as an estimate
    choose_defaults   →  options that suit its size

Weights are safetensors alone: a pickle can run a program when it is opened, so none ever is. Nor is a model
opened that asks to run a program of its own. Knows folders; nothing of the Hub, of processes or of screens.
"""

from studio.weights.defaults import choose_defaults
from studio.weights.describing import Description, describe_folder, describe_model
from studio.weights.files import check_folder, link_model, list_weights
from studio.weights.headers import read_header
from studio.weights.memory import Memory, estimate_memory, read_free_memory

__all__ = [
    "Description",
    "Memory",
    "check_folder",
    "choose_defaults",
    "describe_folder",
    "describe_model",
    "estimate_memory",
    "link_model",
    "list_weights",
    "read_free_memory",
    "read_header",
]
