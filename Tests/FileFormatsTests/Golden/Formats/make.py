"""Writes the files of this folder: arrays, archives, torch files and pickles, honest, damaged and hostile.

    pip install -r requirements.txt && python make.py

The values are simple, so that the tests can state them: see ArrayFile, Tensors and Plain below.
"""
import io
import os
import pickle
import struct
import zipfile
import zlib
from collections import OrderedDict

import numpy as np
import torch


def write(name, content):
    with open(name, "wb") as file:
        file.write(content)


def saved(array, **options):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, **options)
    return file.getvalue()


# --- numpy: 0, 1, … in every type; [2, 3] unless it says otherwise

for kind in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1"]:
    write(f"{kind}.npy", saved(np.arange(6).reshape(2, 3).astype(kind)))
write("b1.npy", saved(np.array([True, False, True])))
write("unicode.npy", saved(np.array(["a.jpg", "", "naïve 😀"])))
write("bytes.npy", saved(np.array([b"a.jpg", b"", b"longer.jpg"])))
write("fortran.npy", saved(np.asfortranarray(np.arange(6, dtype="f4").reshape(2, 3))))
write("fortran3.npy", saved(np.asfortranarray(np.arange(24, dtype="f4").reshape(2, 3, 4))))
write("positions.npy", saved(np.arange(24, dtype="f2").reshape(2, 3, 4)))
write("empty.npy", saved(np.zeros((0, 3), "f4")))
write("scalar.npy", saved(np.float32(7)))
write("version2.npy", saved(np.arange(6, dtype="f4").reshape(2, 3), version=(2, 0)))
write("version3.npy", saved(np.arange(6, dtype="f4").reshape(2, 3), version=(3, 0)))

objects = io.BytesIO()
np.save(objects, np.array([{"a": 1}], dtype=object), allow_pickle=True)
write("refused-objects.npy", objects.getvalue())
write("refused-structured.npy", saved(np.zeros(2, [("x", "f4"), ("y", "i4")])))
write("refused-big-endian.npy", saved(np.arange(3, dtype=">f4")))
write("refused-complex.npy", saved(np.zeros(3, "c8")))
honest = saved(np.arange(6, dtype="f4").reshape(2, 3))
write("refused-truncated.npy", honest[:-1])
write("refused-trailing.npy", honest + b"\0")
write("refused-huge.npy", honest.replace(b"(2, 3), }", b"(4611686018427387904, 8), }").replace(b"v\0{", b"v\0{"))
write("refused-surrogate.npy", saved(np.array(["a", "b"])).replace(b"b\0\0\0", b"\0\xd8\0\0"))

arrays = {"embeddings": np.arange(6, dtype="f2").reshape(2, 3), "image_ids": np.array(["a.jpg", "b.jpg"])}
np.savez("stored.npz", **arrays)
np.savez_compressed("deflated.npz", **arrays)


# --- zip archives that are not what they say


def archive(entries, compression=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as out:
        for name, content in entries:
            out.writestr(zipfile.ZipInfo(name), content, compress_type=compression)
    return bytearray(file.getvalue())


one = archive([("a.npy", honest)])
directory = one.index(b"PK\1\2")
write("refused-truncated.npz", one[:-10])
bad = bytearray(one)
bad[directory + 16] ^= 1
write("refused-checksum.npz", bad)
bad = bytearray(one)
bad[directory + 24 : directory + 28] = struct.pack("<I", 1 << 30)
write("refused-size.npz", bad)
bad = bytearray(one)
bad[directory + 42 : directory + 46] = struct.pack("<I", 1 << 30)
write("refused-offset.npz", bad)
bad = bytearray(one)
bad[directory + 8] |= 1
write("refused-encrypted.npz", bad)
deflated = archive([("a.npy", honest)], zipfile.ZIP_DEFLATED)
bad = bytearray(deflated)
bad[bad.index(b"PK\1\2") + 24 : bad.index(b"PK\1\2") + 28] = struct.pack("<I", len(honest) - 1)
write("refused-inflates-beyond.npz", bad)
write("refused-bomb.npz", archive([("a.npy", bytes(80 << 20))], zipfile.ZIP_DEFLATED))
write("refused-method.npz", archive([("a.npy", honest)], zipfile.ZIP_BZIP2))
many = 50
repeated = archive([("a%02d.npy" % i, bytes(9000) if i == 0 else b"") for i in range(many)])
directory = repeated.index(b"PK\1\2")
first = bytes(repeated[directory + 16 : directory + 28])
position = directory
for i in range(many):  # every entry claims the content of the first
    repeated[position + 16 : position + 28] = first
    repeated[position + 42 : position + 46] = struct.pack("<I", 0)
    position = repeated.find(b"PK\1\2", position + 4)
write("refused-overlap.npz", repeated)
write("refused-twice.npz", archive([("a.npy", honest), ("a.npy", honest)]))

# --- torch


def tensors():
    base = torch.arange(12, dtype=torch.float32).reshape(3, 4)
    shared = torch.arange(4, dtype=torch.float16)
    integers = torch.arange(6).reshape(2, 3)
    result = {
        "transposed": base.t(),
        "slice": base[1:, 1:3],
        "shared": shared,
        "shared again": shared[2:],
        "parameter": torch.nn.Parameter(torch.tensor([0.5, -0.5])),
        "scalar": torch.tensor(7.0),
        "empty": torch.zeros(0, 5),
        "shape": torch.Size([2, 3]),
        "step": 3,
        "module": torch.nn.Linear(2, 1).state_dict(),
    }
    result["module"]["weight"].copy_(torch.tensor([[1.0, 2.0]]))
    result["module"]["bias"].copy_(torch.tensor([3.0]))
    for kind in ["float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8"]:
        result[kind] = integers.to(getattr(torch, kind))
    result["bool"] = torch.tensor([True, False])
    return result


torch.manual_seed(0)
torch.save(tensors(), "zip.pt")
torch.save(tensors(), "legacy.pt", _use_new_zipfile_serialization=False)
for protocol in range(2, 6):
    write(f"tensors-{protocol}.pkl", pickle.dumps(tensors(), protocol=protocol))

whole = open("zip.pt", "rb").read()
legacy = open("legacy.pt", "rb").read()
write("refused-truncated.pt", whole[:-100])
write("refused-legacy-truncated.pt", legacy[:-1])
torch.jit.save(torch.jit.script(torch.nn.Linear(2, 1)), "refused-torchscript.pt")


def with_pickle(content, order=b"little"):
    """A torch archive whose data.pkl is `content`, with one storage of four floats."""
    return archive([("a/data.pkl", content), ("a/byteorder", order), ("a/data/0", bytes(16))])


def view(offset=0, shape=(4,), strides=(1,), count=4, key="0"):
    """A pickle of one tensor over that storage."""

    def number(n):
        return b"\x8a\x09" + n.to_bytes(9, "little", signed=True) if n >= 2**31 else b"J" + struct.pack("<i", n)

    numbers = lambda values: b"(" + b"".join(map(number, values)) + b"t"
    name = b"(X\7\0\0\0storagectorch\nFloatStorage\nX" + struct.pack("<I", len(key)) + key.encode()
    return (
        b"\x80\2ctorch._utils\n_rebuild_tensor_v2\n(" + name + b"X\3\0\0\0cpu" + number(count) + b"tQ"
        + number(offset) + numbers(shape) + numbers(strides) + b"\x89}tR."
    )  # fmt: skip


write("view.pt", with_pickle(view()))
write("refused-offset.pt", with_pickle(view(offset=1)))
write("refused-strides.pt", with_pickle(view(strides=(2,))))
write("refused-negative.pt", with_pickle(view(strides=(-1,))))
write("refused-expanded.pt", with_pickle(view(shape=(1 << 30,), strides=(0,))))
write("refused-overflow.pt", with_pickle(view(shape=((1 << 31) - 1,) * 3, strides=((1 << 31) - 1,) * 3)))
write("refused-count.pt", with_pickle(view(count=5)))
write("refused-storage.pt", with_pickle(view(key="1")))
write("refused-big-endian.pt", with_pickle(view(), order=b"big"))

# --- plain pickles

plain = {
    "none": None,
    "booleans": [True, False],
    "integers": [0, 255, 256, 65535, 65536, -1, 2**31, -(2**31) - 1, 2**63 - 1, -(2**63)],
    "big": 2**70,
    "float": -1.5,
    "texts": ["", "a", "naïve 😀", "x" * 300],
    "bytes": bytes(range(256)),
    "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
    "ordered": OrderedDict([("b", 1), ("a", 2)]),
    7: "seven",
}
plain["again"] = plain["tuples"]
for protocol in range(1, 6):
    if protocol == 1:  # which would have it in decimal
        content = {key: value for key, value in plain.items() if key != "big"}
    else:
        content = plain
    write(f"plain-{protocol}.pkl", pickle.dumps(content, protocol=protocol))

# --- numpy's arrays and scalars in pickles: 0, 1, … in every type, [2, 3] unless it says otherwise

kinds = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", ">f2", ">f4", ">f8", ">i4", ">i8"]
arrays = {kind: np.arange(6).reshape(2, 3).astype(kind) for kind in kinds}
arrays |= {
    "b1": np.array([True, False]),
    "fortran": np.asfortranarray(np.arange(6, dtype="f4").reshape(2, 3)),
    "fortran3": np.asfortranarray(np.arange(24, dtype=">i2").reshape(2, 3, 4)),
    "slice": np.arange(12, dtype="f4").reshape(3, 4)[1:, ::2],
    "shapeless": np.array(7),
    "empty": np.zeros((0, 3), "f4"),
    "scalars": [np.int64(-7), np.uint8(200), np.uint64(2**63 - 1), np.float64(0.1), np.array([391895], ">i4")[0]],
    "half": np.float16(0.5),
    "single": np.float32(0.1),
    "true": np.bool_(True),
    "text": np.str_("naïve 😀"),
    "bytes": np.bytes_(b"a"),
    "large": np.uint64(2**64 - 1),
    # Of types that are not read.
    "complex": np.zeros(2, "c8"),
    "complex scalar": np.complex64(1),
    "unsigned": np.zeros(2, "u4"),
    "objects": np.array([None, {}], dtype=object),
    "structured": np.zeros(2, [("x", "f4"), ("y", "i4")]),
    "texts": np.array(["a", "b"]),
    "dates": np.array(["2014-01-01"], "M8[D]"),
}
arrays["again"] = arrays["f4"]
for protocol in range(2, 6):
    write(f"numpy-{protocol}.pkl", pickle.dumps(arrays, protocol=protocol))
# As numpy 1 calls its module.
write("numpy-1.pkl", pickle.dumps(arrays, protocol=2).replace(b"cnumpy._core.", b"cnumpy.core."))

# --- hostile pickles


class Call:
    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


write("hostile-system.pkl", pickle.dumps(Call(os.system, "true"), protocol=4))
write("hostile-eval.pkl", pickle.dumps(Call(eval, "1"), protocol=2))
write("hostile-getattr.pkl", pickle.dumps({"x": Call(getattr, "", "upper")}, protocol=5))
write("hostile-object.pkl", pickle.dumps(zlib.error("x"), protocol=4))
write("hostile-new.pkl", b"\x80\2ccollections\nOrderedDict\n)\x81.")
write("hostile-inst.pkl", b"(S'true'\nios\nsystem\n.")
write("hostile-extension.pkl", b"\x80\2\x82\1.")
write("hostile-buffer.pkl", b"\x80\5\x97.")
write("hostile-persistent.pkl", b"\x80\2X\1\0\0\0aQ.")
listing = []
listing.append([listing])
write("hostile-cyclic-list.pkl", pickle.dumps(listing, protocol=4))
table = {}
table["self"] = table
write("hostile-cyclic-dictionary.pkl", pickle.dumps(table, protocol=2))
write("hostile-itself.pkl", b"\x80\2]2a.")
write("hostile-bytes.pkl", b"\x80\4\x8e" + struct.pack("<Q", 1 << 63) + b".")
write("hostile-text.pkl", b"\x80\4X\xff\xff\xff\xffa.")
write("hostile-long.pkl", b"\x80\2\x8b\xff\xff\xff\x7f.")
write("hostile-negative.pkl", b"\x80\2\x8b\xff\xff\xff\xff.")
write("hostile-memo.pkl", b"\x80\2Nr\xff\xff\xff\x7f.")
write("hostile-recall.pkl", b"\x80\2j\xff\xff\xff\x7f.")
write("hostile-nested.pkl", b"\x80\2" + b"]" * 5000 + b"a" * 4999 + b".")
write("hostile-tuples.pkl", b"\x80\2)" + b"\x85" * 5000 + b".")
write("hostile-sizes.pkl", b"\x80\2ctorch\nSize\nq\0)" + b"\x85" * 90 + b"\x85R.")
write("hostile-dimensions.pkl", b"\x80\2ctorch\nSize\n(" + b"K\1" * 65 + b"t\x85R.")
write("hostile-mark.pkl", b"\x80\2(e.")
write("hostile-underflow.pkl", b"\x80\2NN(\x86.")
write("hostile-surrogate.pkl", b"\x80\4\x8c\3\xed\xa0\x80.")
write("hostile-protocol.pkl", b"\x80\x09N.")
inner = pickle.dumps(torch.zeros(1), protocol=4)
inner = inner[inner.index(b"\x80\2\x8a\nl") :]
inner = inner[: inner.index(b"\x94\x85\x94R")]
load = b"ctorch.storage\n_load_from_bytes\n"
write("hostile-repeated.pkl", b"\x80\4(" + load + b"q\0B" + struct.pack("<I", len(inner)) + inner + b"\x85q\1R"
      + b"h\0h\1R" * 5000 + b"t.")  # fmt: skip
nested = inner
for _ in range(200):
    magic = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2)
    magic += pickle.dumps({"little_endian": True}, 2)
    nested = magic + b"\x80\4" + load + b"B" + struct.pack("<I", len(nested)) + nested + b"\x85R."
write("hostile-files.pkl", b"\x80\4" + load + b"B" + struct.pack("<I", len(nested)) + nested + b"\x85R.")
array = pickle.dumps(np.arange(6, dtype="f4").reshape(2, 3), protocol=3)
for name, shape in [("large", b"K\3K\3\x86"), ("small", b"K\1K\3\x86"), ("negative", b"J\xfe\xff\xff\xffJ\xfd\xff\xff\xff\x86"),
                    ("overflow", (b"\x8a\x08" + bytes(7) + b"\x40") * 2 + b"\x86")]:  # fmt: skip
    write(f"hostile-array-{name}.pkl", array.replace(b"K\2K\3\x86", shape))
write("hostile-array-state.pkl", array.replace(b"K\2K\3\x86", b"N"))
write("hostile-array-type.pkl", b"\x80\2cnumpy\ndtype\nX\2\0\0\0f4\x85RNb.")
write("hostile-array-called.pkl", b"\x80\2cnumpy\nndarray\n)R.")
write("hostile-array-scalar.pkl", pickle.dumps(np.float64(1), protocol=3).replace(b"C\x08\0\0\0\0", b"C\x04"))
# The same bytes in reverse order, over and over.
content = b"B" + struct.pack("<I", 1 << 14) + bytes(1 << 14) + b"q\x00"
kind = b"cnumpy\ndtype\nX\2\0\0\0f4\x85R(K\3X\1\0\0\0>tbq\x01"
call = b"h\2(h\0h\1M\0\x10\x85X\1\0\0\0CtR"
write("hostile-array-repeated.pkl", b"\x80\4(" + content + kind + b"cnumpy.core.numeric\n_frombuffer\nq\2" + call * 1000
      + b"t.")  # fmt: skip
# Twenty levels of ten references each: small in memory, endless to walk.
laughs = b"\x80\4]\x94"
for level in range(20):
    laughs += b"](" + b"".join(b"h" + bytes([level]) for _ in range(10)) + b"e\x94"
write("shared.pkl", laughs + b".")
