"""2.10: a tanh network with Glorot's weights, to be compared with the earlier one."""

from dlglimpse.exercises.comparing import comparison

EXERCISE = comparison(
    "2.10",
    "glorot_tanh",
    "tanh",
    tests="Builds a tanh network with Glorot's weights, and weighs a difference against chance.",
    right="It is a tanh network as Glorot would start it, as far as one draw can show. Draw it "
    "a few more times: how much do two such pictures differ from each other?",
)
