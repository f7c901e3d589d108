"""Writes the embedding stores that the tests of EmbeddingStore read, with h5py: python make.py

Versions: see requirements.txt.
"""

import json
from pathlib import Path

import h5py
import numpy as np

here = Path(__file__).parent
ids = ["COCO_1.jpg", "straße.png", "猫"]
splits = ["train", "val", "train"]
captions = ["a cat on a mat", "eine Straße", "猫が座る 🐈", ""]
rows = [0, 1, 2, 0]
# Exact in half precision, with its largest, its smallest normal and its smallest subnormal number.
values = np.array([[1, -2.5, 65504], [2**-14, 2**-24, -0.0], [0.125, 3, -1024]])


def store(name, embeddings=values.astype("f2"), strings=lambda x: x, **options):
    with h5py.File(here / f"{name}.h5", "w") as f:
        f.attrs.update(schema="capstan-embeddings", version=1, encoder="ViT-B/32", normalized=False, source=name)
        f.create_dataset("embeddings", data=embeddings, **options)
        f["image_ids"] = strings(ids)
        f["splits"] = strings(splits)
        f["captions/text"] = strings(captions)
        f["captions/row"] = np.array(rows)


def fixed(texts):
    return np.array([t.encode() for t in texts], dtype=h5py.string_dtype("utf-8", max(len(t.encode()) for t in texts)))


store("half-variable")
store("single-fixed", values.astype("f4"), fixed)
store("positions", np.stack([values, values / 2], axis=1).astype("f4"))

# What a reader must refuse.
store("double", values)
store("big-endian", values.astype(">f4"))
store("integers", values.astype("i4"))
store("gzip", compression="gzip")
store("chunked", maxshape=(None, 3))
store("latin1", strings=lambda texts: np.array([t.encode("latin1", "replace") for t in texts]))
with h5py.File(here / "linked.h5", "w") as f:
    with h5py.File(here / "half-variable.h5") as g:
        f.attrs.update(g.attrs)
    for name in ["embeddings", "image_ids", "splits", "captions"]:
        f[name] = h5py.ExternalLink("half-variable.h5", name)

(here / "expected.json").write_text(
    json.dumps(
        {"values": values.tolist(), "imageIDs": ids, "splits": splits, "captionTexts": captions, "captionRows": rows},
        indent=1,
    )
)
