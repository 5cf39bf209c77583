"""2.9: a sigmoid network with Glorot's weights, to be compared with the earlier one."""

from dlglimpse.exercises.comparing import comparison

EXERCISE = comparison(
    "2.9",
    "glorot_sigmoid",
    "sigmoid",
    tests="Builds a sigmoid network with Glorot's weights, and reads the axes before comparing.",
    right="It is a sigmoid network as Glorot would start it, as far as one draw can show. Now "
    "compare the numbers on the two axes, and another draw, before you say what has changed.",
)
