"""A decoding: its limits in words, its name, what of it is written down."""

import pytest

from studio.errors import RunError
from studio.run.decoding import Decoding


def test_greedy_carries_nothing_that_chance_would_need():
    assert Decoding().to_dict() == {"method": "greedy", "max_new_tokens": 64}
    assert Decoding(seed=7, top_p=0.5).name == Decoding().name


def test_a_decoding_comes_back_as_it_was_written():
    drawn = Decoding(method="sample", max_new_tokens=8, temperature=0.7, top_p=0.9, seed=3)
    assert Decoding.from_dict(drawn.to_dict()) == drawn
    assert Decoding.from_dict(Decoding(max_new_tokens=9).to_dict()) == Decoding(max_new_tokens=9)


def test_every_setting_gives_another_name():
    drawn = {"method": "sample", "max_new_tokens": 8, "temperature": 0.7, "top_p": 0.9, "seed": 3}
    others = [
        drawn | change for change in ({"seed": 4}, {"top_p": 0.8}, {"temperature": 1}, {"max_new_tokens": 9})
    ]
    names = {Decoding.from_dict(values).name for values in [drawn, *others, {"method": "greedy"}]}
    assert len(names) == 6
    assert all(len(name) == 8 for name in names)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"method": "beam"}, "There is no decoding 'beam'."),
        ({"max_new_tokens": 0}, "max_new_tokens is 0."),
        ({"max_new_tokens": 4097}, "max_new_tokens is 4097."),
        ({"max_new_tokens": True}, "max_new_tokens is True."),
        ({"max_new_tokens": "64; rm"}, "max_new_tokens is '64; rm'."),
        ({"temperature": 0}, "temperature is 0."),
        ({"temperature": float("nan")}, "temperature is nan."),
        ({"temperature": "hot"}, "temperature is 'hot'."),
        ({"top_p": 1.1}, "top_p is 1.1."),
        ({"top_p": None}, "top_p is None."),
        ({"seed": -1}, "seed is -1."),
        ({"seed": 1.5}, "seed is 1.5."),
        ({"top_k": 5}, "A decoding has no 'top_k'."),
    ],
)
def test_what_is_out_of_limits_is_refused_in_words(values, said):
    with pytest.raises(RunError) as refused:
        Decoding.from_dict(values)
    assert refused.value.message == said
    assert refused.value.hint
