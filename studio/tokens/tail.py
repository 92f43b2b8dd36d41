"""The tail of a prompt that is enough to see where prompt and whole begin to differ.

    "### Instruction:\\nSay it.\\n\\n### Response:"   →   " Response:", whose tokens stand by themselves

Byte-level BPE as `tiny` does it splits a text into words first, from the left, and a space between a sign and
a letter always begins a word. What comes before gives the same tokens in the prompt and in the whole.
"""


def find_tail(prompt: str) -> int:
    """Where the last such word begins; 0 when there is none."""
    place = prompt.rfind(" ")
    while place > 0:
        before, after = prompt[place - 1], prompt[place + 1 : place + 2]
        if "!" <= before <= "~" and after.isascii() and after.isalpha():
            return place
        place = prompt.rfind(" ", 0, place)
    return 0
