"""What the Python scripts of trainers share: their words about the data, and how they read it.

A name from the recipe stands in a script as a Python literal only, so that none can be code.
"""

from collections.abc import Mapping

from studio.trainers.exported import Exported

_LEARNT = {
    "text": "All of each text is learnt, and the end token after it.",
    "prompt-completion": "Learnt are the completion and the end token after it; the prompt is only read.",
}
_LEARNT_OF_CHAT = "Learnt are the assistant's turns, each with its end; the others are only read."


def describe_data(exported: Exported) -> str:
    """One line on the files and one on what the loss sees."""
    files = ", ".join(
        f"{exported.parts[part]} ({records:,} records)" for part, records in exported.records.items()
    )
    return f"Format {exported.format}: {files}.\n{_LEARNT.get(exported.format, _LEARNT_OF_CHAT)}"


def express_needs(exported: Exported) -> str:
    """What else must be installed to read the files."""
    return " zstandard" if exported.file == "jsonl.zst" else ""


def name_loader(exported: Exported) -> str:
    """The function of `datasets` that opens the files."""
    return "load_from_disk" if exported.file == "dataset" else "load_dataset"


def spell_text(text: str) -> str:
    """The text as a Python literal, in double quotes where that takes no escape."""
    shown = repr(text)
    return f'"{text}"' if shown[1:-1] == text and '"' not in text else shown


def express_features(exported: Exported) -> str:
    """The type of each field: without it texts that all look like dates would be read as timestamps."""
    if exported.chat:
        field, role, content = map(spell_text, exported.turns)
        return f'Features({{{field}: [{{{role}: Value("string"), {content}: Value("string")}}]}})'
    fields = ", ".join(f'{spell_text(name)}: Value("string")' for name in exported.names.values())
    return f"Features({{{fields}}})"


def express_reading(exported: Exported) -> str:
    """A function `read(name)` that gives the records of a file under the names that TRL knows."""
    lines = ["def read(name):", '    """The records of one part, under the names that TRL knows."""']
    if exported.file == "dataset":
        lines.append("    records = load_from_disk(str(HERE / name)).cast(FEATURES)")
    else:
        options = 'data_files=files, features=FEATURES, split="train"'
        lines.append("    files = str(HERE / name)")
        lines.append(f"    records = load_dataset({spell_text(exported.loader)}, {options})")
    return "\n".join([*lines, *_express_names(exported)])


def express_options(options: Mapping[str, object], indent: int) -> str:
    """Keyword arguments, one a line."""
    spelled = {
        name: spell_text(value) if isinstance(value, str) else repr(value) for name, value in options.items()
    }
    return f"\n{' ' * indent}".join(f"{name}={value}," for name, value in spelled.items())


def _express_names(exported: Exported) -> list[str]:
    if exported.chat:
        field, role, content = exported.turns
        if (role, content) != ("role", "content"):
            return _express_turns(*map(spell_text, exported.turns))
        renamed = {field: "messages"} if field != "messages" else {}
    else:
        renamed = {name: field for field, name in exported.names.items() if name != field}
    pairs = ", ".join(f"{spell_text(old)}: {spell_text(new)}" for old, new in renamed.items())
    return [f"    return records.rename_columns({{{pairs}}})" if renamed else "    return records"]


def _express_turns(field: str, role: str, content: str) -> list[str]:
    return [
        '    roles = {"human": "user", "gpt": "assistant"}',
        "",
        "    def to_messages(record):",
        "        messages = [",
        f'            {{"role": roles.get(turn[{role}], turn[{role}]), "content": turn[{content}]}}',
        f"            for turn in record[{field}]",
        "        ]",
        '        return {"messages": messages}',
        "",
        "    return records.map(to_messages, remove_columns=records.column_names)",
    ]
