"""Writes HDF5 files as people have them, by h5py: what Capstan's own reader does not read, and files that are no stores.

    pip install -r requirements.txt && python make.py

The embeddings are row + column / 8, [5, 4]; the ids img_0.jpg … img_4.jpg.
"""
import h5py
import numpy as np

E = (np.arange(5)[:, None] + np.arange(4) / 8).astype("f4")
IDS = [f"img_{i}.jpg" for i in range(5)]


def store(name, embeddings, captions=True, **options):
    """In the schema of a store, with embeddings in another form."""
    with h5py.File(f"{name}.h5", "w", track_order=False, **options) as f:
        f.attrs.update(schema="capstan-embeddings", version=1, encoder="x", normalized=False, source="me")
        f["image_ids"], f["splits"] = IDS, ["train"] * 5
        f["captions/text"] = np.array([f"caption {i}" for i in range(5 if captions else 0)], dtype=h5py.string_dtype())
        f["captions/row"] = np.arange(5 if captions else 0)
        embeddings(f)


def resizable(f):
    d = f.create_dataset("embeddings", (0, 4), "f4", maxshape=(None, 4), chunks=(2, 4))
    for row in E:
        d.resize(len(d) + 1, 0)
        d[-1] = row


store("store-resizable", resizable)
for kind in ["gzip", "lzf"]:
    store(f"store-{kind}", lambda f: f.create_dataset("embeddings", data=np.tile(E, (1, 8)), compression=kind, shuffle=True))
store("store-double", lambda f: f.__setitem__("embeddings", E.astype("f8")))
store("store-big-endian", lambda f: f.__setitem__("embeddings", E.astype(">f4")))
store("store-userblock", lambda f: f.__setitem__("embeddings", E), userblock_size=512)
# What "latest" was before HDF5 2.0, and what it is now.
store("store-v110", lambda f: f.create_dataset("embeddings", data=E, chunks=(2, 4)), captions=False, libver="v110")
store("store-latest", lambda f: f.create_dataset("embeddings", data=E, chunks=(2, 4)), libver="latest")


def foreign(name, **options):
    return h5py.File(f"{name}.h5", "w", **options)


with foreign("two") as f:
    f["features"], f["image_ids"] = E, IDS
with foreign("half-numbers") as f:  # fixed-length strings and integers as ids
    f["x/emb"], f["x/names"], f["x/numbers"] = E.astype("f2"), np.array(IDS, "S"), np.arange(5, dtype="u4")
with foreign("per-image") as f:
    for image, row in zip(IDS, E):
        f[f"features/{image}"] = row[None]
with foreign("per-image-root", libver="v110") as f:
    for image, row in zip(IDS, E):
        f.create_dataset(image, data=row.reshape(2, 2), compression="lzf")
with foreign("newer", libver="latest") as f:
    f.create_dataset("features", data=E, compression="gzip")
    f["image_ids"] = IDS
with foreign("uneven") as f:
    for image, row in zip(IDS, E):
        f[image] = row if image != IDS[3] else row[:3]
with foreign("several") as f:
    f["a"], f["b"], f["ids"], f["names"] = E, E, IDS, IDS
    f["boxes"] = np.zeros(5, [("x", "f4"), ("y", "f4")])
with foreign("unwritten") as f:
    f.create_dataset("features", (5, 4), "f4")
    f["image_ids"] = IDS
with foreign("huge") as f:
    d = f.create_dataset("features", (1 << 40, 4), "f4", chunks=(1, 4))
    d[0] = 1
with foreign("links") as f:
    f["features"] = h5py.ExternalLink("two.h5", "features")
    f["image_ids"] = IDS
with foreign("external") as f:
    f.create_dataset("features", (5, 4), "f4", external=[("/etc/hostname", 0, 80)])
    f["image_ids"] = IDS
