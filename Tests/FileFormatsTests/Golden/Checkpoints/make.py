"""Writes what training programs save, as PyTorch writes it: a tiny state dict under one key or another, and beside it
what such programs keep there.

    pip install -r requirements.txt && python make.py

The state dict is {"a.weight": [[0, 1, 2], [3, 4, 5]], "a.bias": [6, 7]}, a moving average of it ten times that.
"""
import argparse
import collections
import datetime
import enum
import pathlib
import random

import numpy as np
import torch


def state(factor=1.0):
    numbers = torch.arange(8, dtype=torch.float32) * factor
    return collections.OrderedDict([("a.weight", numbers[:6].reshape(2, 3).clone()), ("a.bias", numbers[6:].clone())])


class Node:
    """Whose state holds itself."""

    def __init__(self):
        self.parent, self.children = self, [1]


class Phase(enum.Enum):
    train = 1


files = {
    "plain": state(),
    # Objects of other classes
    "arguments": {"model": state(), "args": argparse.Namespace(lr=1e-5, out=pathlib.PurePosixPath("x")), "epoch": 3},
    "numpy": {"model_state_dict": state(), "best": np.float64(1.5), "random": np.random.RandomState(0).get_state()},
    "collections": {"model": state(), "log": collections.defaultdict(list, {"loss": [1.0]}), "seen": {1, 2},
                    "fixed": frozenset([1]), "counter": collections.Counter("aab"), "queue": collections.deque([1])},
    "objects": {"model": state(), "saved": datetime.datetime(2024, 1, 2), "device": torch.device("cpu"), "node": Node(),
                "phase": Phase.train, "type": torch.float16, "random": random.getstate()},
    "complex": {"model": state(), "waves": torch.zeros(2, 2, dtype=torch.complex64)},
    "subclass": {"model": type("State", (collections.OrderedDict,), {})(state()), "state_dict": state()},
    # Keys
    "net": {"net": state(), "epoch": 3},
    "captioner": {"captioner": state(), "epoch": 3, "rng": {"cpu": torch.zeros(4, dtype=torch.uint8)}},
    "nested": {"checkpoint": {"model": {"state_dict": state()}}, "losses": torch.zeros(5)},
    "default": collections.defaultdict(dict, {"model": state()}),
    "lightning": {"state_dict": state(), "epoch": 1, "callbacks": {"ModelCheckpoint": {"best": "x"}},
                  "optimizer_states": [{"state": {0: {"exp_avg": torch.zeros(2, 3)}}, "param_groups": []}]},
    # Moving averages, and several models
    "average": {"model_ema": state(10), "model": state()},
    "only-average": {"ema": state(10), "step": 3},
    "two": {"model": state(10), "state_dict": state()},
    "parts": {"first": state(), "second": state(10)},
    # Without a state dict
    "none": {"model": argparse.Namespace(), "epoch": 3, "loss": torch.zeros(5)},
    "object": argparse.Namespace(model=state()),
    "dataset": {"clip_embedding": torch.zeros(2, 3), "captions": []},
}
State = type(files["subclass"]["model"])
State.__module__, State.__qualname__ = __name__, "State"
globals()["State"] = State
for name, content in files.items():
    torch.save(content, f"{name}.pt")
torch.save(files["objects"], "objects-legacy.pt", _use_new_zipfile_serialization=False)
torch.save(files["complex"], "complex-legacy.pt", _use_new_zipfile_serialization=False)
