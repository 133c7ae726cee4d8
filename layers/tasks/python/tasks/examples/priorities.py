"""The four priorities of seed 002, and what each is among Windrow's ten."""

from enum import IntEnum


class Priority(IntEnum):
    """The seed has 1, 5, 10 and 20. Windrow has 1 to 10: the order is the same, the lower two have
    their own numbers, and between the upper two there is room for one more.
    """

    LOW = 1
    NORMAL = 5
    HIGH = 8
    CRITICAL = 10
