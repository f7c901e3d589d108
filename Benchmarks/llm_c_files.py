"""Writes what llm.c's train_gpt2 reads into a folder: a GPT-2 124M with random weights, and random tokens."""
import sys
from pathlib import Path

import numpy

POSITIONS, VOCABULARY, LAYERS, HEADS, WIDTH, PADDED = 1024, 50257, 12, 12, 768, 50304
folder = Path(sys.argv[1])
random = numpy.random.default_rng(0)


def header(*words):
    numbers = numpy.zeros(256, numpy.int32)
    numbers[: len(words)] = words
    return numbers


def weight(*shape):
    return random.standard_normal(shape, numpy.float32) * numpy.float32(0.02)


def norm(*shape):
    """Scale, then shift."""
    return [numpy.ones(shape, numpy.float32), numpy.zeros(shape, numpy.float32)]


def linear(outputs, inputs):
    return [weight(LAYERS, outputs, inputs), numpy.zeros((LAYERS, outputs), numpy.float32)]


with open(folder / "gpt2_124M.bin", "wb") as file:
    header(20240326, 3, POSITIONS, VOCABULARY, LAYERS, HEADS, WIDTH, PADDED).tofile(file)
    tensors = [
        weight(PADDED, WIDTH), weight(POSITIONS, WIDTH),
        *norm(LAYERS, WIDTH), *linear(3 * WIDTH, WIDTH), *linear(WIDTH, WIDTH),
        *norm(LAYERS, WIDTH), *linear(4 * WIDTH, WIDTH), *linear(WIDTH, 4 * WIDTH),
        *norm(WIDTH)]
    for tensor in tensors:
        tensor.tofile(file)

data = folder / "dev/data/tinyshakespeare"
data.mkdir(parents=True, exist_ok=True)
for split in ("train", "val"):
    tokens = random.integers(0, VOCABULARY, 32_768, dtype=numpy.uint16)
    with open(data / f"tiny_shakespeare_{split}.bin", "wb") as file:
        header(20240520, 1, len(tokens)).tofile(file)
        tokens.tofile(file)
