import threading

import pytest

from studio.ahead import AHEAD, map_ahead


def test_pieces_come_in_order_whatever_takes_longest():
    gates = [threading.Event() for _ in range(4)]

    def work(number):
        if number % 2:
            gates[number - 1].set()  # the one before ends only now
        else:
            assert gates[number].wait(10)
        return number * 10

    assert list(map_ahead(work, range(4))) == [0, 10, 20, 30]
    assert list(map_ahead(work, [])) == []


def test_no_more_pieces_are_taken_than_are_worked_on():
    taken = []
    made = map_ahead(str, (taken.append(number) or number for number in range(50)))
    assert next(made) == "0"
    assert len(taken) == AHEAD + 1
    made.close()
    assert len(taken) == AHEAD + 1


def test_what_goes_wrong_is_raised_in_its_turn():
    made = map_ahead(lambda number: 6 // number, [3, 2, 0, 1])
    assert [next(made), next(made)] == [2, 3]
    with pytest.raises(ZeroDivisionError):
        next(made)
