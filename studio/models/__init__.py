"""Base models made ready: `tiny`, a folder of this machine, or an id of the Hub at one commit.

    look_at_model    →  its Description, no weight is fetched
    find_model       →  the same if it is there already, so that nothing need be fetched
    pin_choice       →  how a recipe writes it: an id of the Hub at its commit
    prepare_model    →  the folder that a run opens it from, fetched now if it was not before

What is written of a model is what is written of its tokenizer: studio.tokenizing's Choice. The Hub is asked
by a child process (__main__.py, fetching.py). What may be opened is for studio.weights to say; nothing that
may not is ever fetched.
"""

from studio.models.preparing import BaseModel, find_model, look_at_model, pin_choice, prepare_model

__all__ = ["BaseModel", "find_model", "look_at_model", "pin_choice", "prepare_model"]
