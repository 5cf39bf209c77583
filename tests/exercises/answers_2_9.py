"""Answers to exercise 2.9."""

import torch
from torch import nn

from exercises.comparing import answers_for

ANSWERS = answers_for("2.9", "glorot_sigmoid", nn.Sigmoid(), torch.sigmoid, nn.Tanh())
