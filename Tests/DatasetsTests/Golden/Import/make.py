"""Writes the files of this folder: ClipCap's pickles and numpy's archives, honest and faulty.

    pip install -r requirements.txt && python make.py

Three images of four numbers: image 10 is 1 2 3 4, image 11 is 5 6 7 8, image 12 is 9 10 11 12.
"""
import pickle

import numpy as np
import torch

ROWS = np.arange(1, 13, dtype="f4").reshape(3, 4)
# parse_coco.py encodes the image again for each caption: image, caption, row of ROWS.
CAPTIONS = [("10", "A dog.", 0), ("11", "Two  cats\n", 1), ("10", " A dog runs.", 0), ("12", "naïve 😀", 2)]


def clipcap(kind="float16", captions=CAPTIONS, rows=ROWS):
    embeddings = torch.cat([torch.from_numpy(rows[[row]]).to(getattr(torch, kind)) for _, _, row in captions])
    entries = [
        {"image_id": image, "id": 7 + index, "caption": text, "clip_embedding": index}
        for index, (image, text, _) in enumerate(captions)
    ]
    return {"clip_embedding": embeddings, "captions": entries}


def write(name, value, protocol=4):
    with open(name, "wb") as file:
        pickle.dump(value, file, protocol=protocol)


for protocol in range(2, 6):
    for kind in ["float16", "float32"]:
        write(f"clipcap-{kind}-{protocol}.pkl", clipcap(kind), protocol)
write("clipcap-float64.pkl", clipcap("float64"))
write("clipcap-bfloat16.pkl", clipcap("bfloat16"))
torch.save(clipcap(), "clipcap-saved.pt")

# One row for each image already, numbers for ids, and a row that no caption names.
compact = clipcap()
compact["clip_embedding"] = torch.from_numpy(np.concatenate([ROWS, ROWS[:1]])).half()
for entry, (image, _, row) in zip(compact["captions"], CAPTIONS):
    entry.update(image_id=int(image), clip_embedding=row)
write("clipcap-compact.pkl", compact)

value = clipcap()
value["captions"][3]["clip_embedding"] = 4
write("faulty-range.pkl", value)
value = clipcap()
value["captions"][3]["clip_embedding"] = 1
write("faulty-shifted.pkl", value)
value = clipcap()
value["clip_embedding"][2, 0] = 77
write("faulty-differing.pkl", value)
value = clipcap()
value["clip_embedding"][:] = value["clip_embedding"][0]
write("faulty-identical.pkl", value)
value = clipcap()
value["clip_embedding"][1, 2] = float("nan")
write("faulty-nan.pkl", value)
value = clipcap()
value["clip_embedding"][1] = 0
write("faulty-zero.pkl", value)
value = clipcap()
del value["captions"][1]["caption"]
write("faulty-caption.pkl", value)
write("faulty-shape.pkl", {**clipcap(), "clip_embedding": torch.zeros(4)})
write("faulty-other.pkl", {"state_dict": {}})

# numpy's arrays in place of tensors, and its scalars for ids and rows.
for name, array in [
    ("float16", ROWS.astype("f2")), ("float32", ROWS), ("float64", ROWS.astype("f8")),
    ("fortran", np.asfortranarray(ROWS)), ("big-endian", ROWS.astype(">f4")), ("stacked", ROWS[:, None]),
]:  # fmt: skip
    entries = [
        {"image_id": np.int64(image), "caption": np.str_(text), "clip_embedding": np.int32(row)} for image, text, row in CAPTIONS
    ]
    for protocol in [2, 4, 5]:
        write(f"numpy-{name}-{protocol}.pkl", {"clip_embedding": array, "captions": entries}, protocol)
write("faulty-numpy.pkl", {**clipcap(), "clip_embedding": ROWS.astype("c8")})

# ClipCap-Chinese's pairs and embeddings by image, and CapDec's embeddings of captions.
pairs = [(int(image), text) for image, text, _ in CAPTIONS]
write("chinese.pkl", [pairs, {10 + row: torch.from_numpy(ROWS[[row]]) for row in range(3)}])
write("chinese-numpy.pkl", (pairs, {str(10 + row): ROWS[row] for row in range(3)}))
write("faulty-chinese-missing.pkl", [pairs, {10: torch.ones(4)}])
write("faulty-chinese-lengths.pkl", [pairs, {10: torch.ones(4), 11: torch.ones(5), 12: torch.ones(4)}])
write("faulty-chinese-pair.pkl", [pairs + [("10", "x", 1)], {10 + row: torch.from_numpy(ROWS[row]) for row in range(3)}])
texts = torch.from_numpy(np.arange(16, dtype="f4").reshape(4, 4))
write("capdec.pkl", {**clipcap(), "clip_embedding": torch.zeros(0), "clip_embedding_text_dave": texts})
write("capdec-images.pkl", {**clipcap(), "clip_embedding_text_dave": texts})

IDS = np.array(["10.jpg", "11.jpg", "12.jpg"])
np.savez("float16.npz", image_ids=IDS, embeddings=ROWS.astype("f2"))
np.savez_compressed("float32.npz", image_ids=IDS, embeddings=ROWS)
np.savez("positions.npz", image_ids=np.array([10, 11, 12]), embeddings=ROWS.reshape(3, 2, 2))
np.savez("unit.npz", image_ids=IDS, embeddings=(ROWS / np.linalg.norm(ROWS, axis=1, keepdims=True)).astype("f2"))
np.savez("repeated.npz", image_ids=IDS[[0, 1, 0, 2]], features=ROWS[[0, 1, 0, 2]])
np.savez("faulty-count.npz", image_ids=IDS[:2], embeddings=ROWS)
np.savez("faulty-integers.npz", image_ids=IDS, embeddings=ROWS.astype("i4"))
np.savez("float-ids.npz", image_ids=ROWS[:, 0], embeddings=ROWS)
np.savez("faulty-ids.npz", image_ids=ROWS[:, 0] + np.float32(0.5), embeddings=ROWS)
np.save("rows.npy", ROWS)
np.save("ids.npy", IDS)
