"""The templates that a person keeps, and those that come from elsewhere.

    saved_templates, save_template, … kept in the workspace under a name  (saved.py)
    to_yaml, read_yaml                as a file                           (written.py)
    read_promptsource                 from promptsource's Jinja           (promptsource.py)
    read_chat_template                from a tokenizer's Jinja            (chat_template.py, symbolic.py)
    read_any, Reading                 from whichever it is                (reading.py)

What comes from elsewhere is parsed and never run. What the template grammar cannot say exactly is refused,
with the line and the construct.
"""

from studio.library.chat_template import read_chat_template
from studio.library.promptsource import read_promptsource
from studio.library.reading import Reading, read_any
from studio.library.saved import (
    Saved,
    has_template,
    read_template,
    remove_template,
    save_template,
    saved_templates,
)
from studio.library.written import read_yaml, to_yaml

__all__ = [
    "Reading",
    "Saved",
    "has_template",
    "read_any",
    "read_chat_template",
    "read_promptsource",
    "read_template",
    "read_yaml",
    "remove_template",
    "save_template",
    "saved_templates",
    "to_yaml",
]
