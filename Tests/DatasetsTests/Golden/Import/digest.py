"""Prints what the import of real data must give, as PyTorch and numpy read it: see ImportRealDataTests.swift.

    pip install -r requirements.txt && python digest.py FOLDER

FOLDER has clipcap-pickles/*.pkl and flickr8k/*. A digest is SHA-256 of the embeddings' bytes, then of the image ids,
splits, captions and their rows, each followed by a line feed.
"""
import glob
import hashlib
import json
import os
import pickle
import sys

import numpy as np


def digest(rows, ids, splits, captions):
    hash = hashlib.sha256(b"".join(row.tobytes() for row in rows))
    lines = ids + splits + [text for text, _ in captions] + [str(row) for _, row in captions]
    hash.update("".join(line + "\n" for line in lines).encode())
    return hash.hexdigest()


def clipcap(path):
    data = pickle.load(open(path, "rb"))
    images, rows, captions = {}, [], []
    for entry in data["captions"]:
        if entry["image_id"] not in images:
            images[entry["image_id"]] = len(rows)
            rows.append(data["clip_embedding"][entry["clip_embedding"]].numpy())
        captions.append((entry["caption"].strip(), images[entry["image_id"]]))
    return digest(rows, list(images), ["train"] * len(rows), captions)


def flickr8k(folder, archive):
    data = np.load(os.path.join(folder, archive))
    images = {image["filename"]: image for image in json.load(open(f"{folder}/dataset_flickr8k.json"))["images"]}
    ids = data["image_ids"].tolist()
    captions = [(s["raw"].strip(), row) for row, id in enumerate(ids) for s in images[id]["sentences"]]
    return digest(data["embeddings"], ids, [images[id]["split"] for id in ids], captions)


root = sys.argv[1]
for path in sorted(glob.glob(f"{root}/clipcap-pickles/*.pkl")):
    print(os.path.basename(path), clipcap(path))
for archive in ["efficientnet_lite0.npz", "clip_vit_b32.npz"]:
    print(archive, flickr8k(f"{root}/flickr8k", archive))
