#!/usr/bin/env python3
"""Writes an embedding store for measuring: drawn captions, random embeddings of float16.

  Benchmarks/large_store.py large.h5                        one file of 3,000,000 rows
  Benchmarks/large_store.py large --files 64                as many in large-00.h5 ... large-63.h5
"""
import argparse

import h5py
import numpy as np

SIZES, COLOURS = ["small", "large", "tiny", "huge"], ["red", "green", "blue", "orange", "white", "black"]
SHAPES, PLACES = ["circle", "square", "triangle", "diamond", "star"], ["above", "below", "beside", "inside"]


def captions(random, count):
    words = [SIZES, COLOURS, SHAPES, PLACES, SIZES, COLOURS, SHAPES]
    columns = [np.array(kind)[random.integers(len(kind), size=count)] for kind in words]
    return [f"a {a} {b} {c} {d} a {e} {f} {g}" for a, b, c, d, e, f, g in zip(*columns)]


def write(path, first, rows, width, validation):
    random = np.random.default_rng(first)
    text = h5py.string_dtype()
    with h5py.File(path, "w") as f:
        f.attrs.update(
            schema="capstan-embeddings", version=1, encoder="benchmark", normalized=False, source="large_store.py")
        embeddings = f.create_dataset("embeddings", (rows, width), "f2")
        for start in range(0, rows, 1 << 16):
            count = min(1 << 16, rows - start)
            # Halves between 1 and 2.
            bits = random.integers(0x3C00, 0x4000, size=(count, width), dtype="uint16")
            embeddings[start : start + count] = bits.view("float16")
        f["image_ids"] = np.array([f"{first + row:012d}" for row in range(rows)], dtype=text)
        f["splits"] = np.array(["val" if row < validation else "train" for row in range(rows)], dtype=text)
        f["captions/text"] = np.array(captions(random, rows), dtype=text)
        f["captions/row"] = np.arange(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("path", help="of the file, or how the names of several begin")
    parser.add_argument("--rows", type=int, default=3_000_000, help="of all files together")
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--files", type=int, default=1)
    parser.add_argument("--validation", type=int, default=64, help="rows of the split val in the first file")
    options = parser.parse_args()
    for file in range(options.files):
        first, end = (options.rows * part // options.files for part in (file, file + 1))
        path = options.path if options.files == 1 else f"{options.path}-{file:02d}.h5"
        write(path, first, end - first, options.width, options.validation if file == 0 else 0)


if __name__ == "__main__":
    main()
