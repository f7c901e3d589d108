"""Has Python read what Capstan exported: ExportTests holds every run against these bytes.

    pip install -r requirements.txt && python check.py
"""
import json
import pickle

import numpy as np
import torch
from pycocotools.coco import COCO

IDS = ["b.jpg", "ü 😀.jpg", "a.jpg"]
SPLITS = ["train", "val", "train"]
BITS = np.array([[0x3C00, 0xFBFF], [0x0001, 0x8000], [0x3555, 0x4248]], "u2")
CAPTIONS = [("One \"dog\".", 0), ("Two\ncats,", 1), ("naïve 😀", 0), ("A dog's tail - 3!", 2)]

# As ClipCap's train.py does.
with open("written.pkl", "rb") as file:
    data = pickle.load(file)
prefixes, captions = data["clip_embedding"], data["captions"]
assert prefixes.dtype == torch.float16 and (prefixes.numpy().view("u2") == BITS).all()
assert [(c["caption"], c["clip_embedding"]) for c in captions] == CAPTIONS
assert [c["image_id"] for c in captions] == [IDS[row] for _, row in CAPTIONS]
assert [c["id"] for c in captions] == [0, 1, 2, 3]

archive = np.load("written.npz")
assert sorted(archive.files) == ["embeddings", "image_ids"] and archive["image_ids"].tolist() == IDS
assert archive["embeddings"].dtype == np.float16 and (archive["embeddings"].view("u2") == BITS).all()

coco = json.load(open("written.json"))
assert [image["file_name"] for image in coco["images"]] == IDS
assert [(a["image_id"], a["caption"]) for a in coco["annotations"]] == [(IDS[row], text) for text, row in CAPTIONS]
assert len(COCO("written.json").loadRes([{"image_id": "a.jpg", "caption": "x"}]).anns) == 1

images = json.load(open("dataset_written.json"))["images"]
assert [(image["filename"], image["split"]) for image in images] == list(zip(IDS, SPLITS))
assert [[s["raw"] for s in image["sentences"]] for image in images] == [
    [text for text, row in CAPTIONS if row == image] for image in range(3)]
assert images[2]["sentences"][0]["tokens"] == ["a", "dogs", "tail", "3"]
print("torch", torch.__version__, "and numpy", np.__version__, "read what Capstan exported")
