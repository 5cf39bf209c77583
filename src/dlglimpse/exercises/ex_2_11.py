"""2.11: a ReLU network with Glorot's weights, to be compared with the earlier one."""

from dlglimpse.exercises.comparing import comparison

EXERCISE = comparison(
    "2.11",
    "glorot_relu",
    "ReLU",
    tests="Builds a ReLU network with Glorot's weights, and meets a network that is dead.",
    right="It is a ReLU network as Glorot would start it, as far as one draw can show; its "
    "gradients may all be zero. In how many draws out of ten are they?",
)
