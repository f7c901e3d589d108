"""Writes the files of this folder, each of which must be refused: in one sentence, soon, in little memory.

    pip install -r requirements.txt && python make.py

A file that is added is tested by being here; its ending tells what reads it. More of the kind are in
StorageTests/Golden, under names that begin with "hostile" and "refused".
"""
import builtins
import io
import os
import pickle
import struct
import zipfile
from pathlib import Path

import h5py
import numpy as np

here = Path(__file__).parent


def write(name, content):
    (here / name).write_bytes(content if isinstance(content, bytes) else content.encode())


# --- pickles


class Call:
    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def short(text):
    return b"\x8c" + bytes([len(text)]) + text.encode()


write("system-in-list.pkl", pickle.dumps({"captions": [Call(os.system, "true")]}, protocol=5))
write("eval.pkl", pickle.dumps(Call(eval, "1"), protocol=4))
write("import.pkl", pickle.dumps(Call(builtins.__import__, "os"), protocol=4))
write("nested-reduce.pkl", pickle.dumps(Call(getattr, Call(builtins.__import__, "os"), "system"), protocol=4))
write("function-of-result.pkl", b"\x80\4ccollections\nOrderedDict\n)R)R.")
write("global-by-parts.pkl", b"\x80\4" + short("os") + short("system") + b"\x93" + short("true") + b"\x85R.")
write("allowed-name-extended.pkl", b"\x80\4" + short("torch._utils") + short("_rebuild_tensor_v2.__globals__") + b"\x93.")
write("state-of-tuple.pkl", b"\x80\4)}b.")
laughs = b"\x80\4]\x94"
for level in range(60):  # 10^60 elements, were they counted
    laughs += b"](" + b"".join(b"h" + bytes([level]) for _ in range(10)) + b"e\x94"
write("laughs-as-captions.pkl", laughs[:-1] + b"\x94}" + short("captions") + b"h\x3cs.")
write("laughs-in-keys.pkl", b"\x80\4}\x94" + b"}h\0h\0s\x94" * 1 + b"}h\1h\1s" * 150 + b".")
write("tuple-in-itself.pkl", b"\x80\4](h\0t\x94.")
write("deep-dictionaries.pkl", b"\x80\4" + b"}K\1" * 20000 + b"N" + b"s" * 20000 + b".")
write("many-marks.pkl", b"\x80\4" + b"(" * 20000 + b"t" * 20000 + b".")
write("endless-decimal.pkl", b"\x80\2L" + b"9" * 20000 + b"L\n.")
write("no-stop.pkl", b"\x80\4N")

# --- torch, zip and legacy: a storage of four floats


def archive(entries, compression=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as out:
        for name, content in entries:
            out.writestr(zipfile.ZipInfo(name), content, compress_type=compression)
    return file.getvalue()


def number(n):
    return b"\x8a\x09" + n.to_bytes(9, "little", signed=True)


def tensor(shape, strides, offset=0, count=4, key="0"):
    numbers = lambda values: b"(" + b"".join(map(number, values)) + b"t"
    name = b"(" + short("storage") + b"ctorch\nFloatStorage\n" + short(key) + short("cpu") + number(count) + b"tQ"
    return (
        b"\x80\4ctorch._utils\n_rebuild_tensor_v2\n(" + name + number(offset) + numbers(shape) + numbers(strides)
        + b"\x89}tR."
    )  # fmt: skip


def zipped(content):
    return archive([("a/data.pkl", content), ("a/byteorder", b"little"), ("a/data/0", bytes(16))])


huge = 1 << 62
write("offset-of-2-to-62.pt", zipped(tensor([1], [1], offset=huge)))
write("shape-overflows.pt", zipped(tensor([1 << 32, 1 << 32], [1, 1])))
write("stride-overflows.pt", zipped(tensor([3, 3], [huge, huge])))
write("negative-shape.pt", zipped(tensor([-1, -4], [4, 1])))
write("count-of-2-to-62.pt", zipped(tensor([1], [1], count=huge)))
write("nothing-times-huge.pt", zipped(b"\x80\4}" + short("clip_embedding") + tensor([0, 1 << 40, 1 << 40], [0, 1 << 40, 1])[2:-1] + b"s."))
write("key-climbs.pt", zipped(tensor([4], [1], key="../../data/0")))

magic = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2)
system = pickle.dumps({"little_endian": True}, 2)
keys = pickle.dumps(["0"], 2)
four = struct.pack("<q4f", 4, *range(4))


def legacy(content=tensor([4], [1]), keys=keys, storages=four):
    return magic + system + content + keys + storages


write("legacy-count-of-2-to-62.pt", legacy(storages=struct.pack("<q", huge) + four[8:]))
write("legacy-negative-count.pt", legacy(storages=struct.pack("<q", -1) + four[8:]))
write("legacy-other-count.pt", legacy(content=tensor([3], [1], count=3)))
write("legacy-both-counts-huge.pt", legacy(tensor([1], [1], count=huge), storages=struct.pack("<q", huge) + four[8:]))
write("legacy-key-twice.pt", legacy(keys=pickle.dumps(["0", "0"], 2)))
write("legacy-without-key.pt", legacy(keys=pickle.dumps([], 2), storages=b""))
write("legacy-other-key.pt", legacy(keys=pickle.dumps(["1"], 2)))
write("legacy-keys-are-a-number.pt", legacy(keys=pickle.dumps(1, 2)))
write("legacy-big-endian.pt", magic + pickle.dumps({"little_endian": False}, 2) + tensor([4], [1]) + keys + four)
write("legacy-system-calls.pt", magic + pickle.dumps(Call(os.system, "true"), 2) + tensor([4], [1]) + keys + four)

# --- numpy


def npy(header, content=b"", version=1, length=None):
    header = header.encode("latin1")
    length = len(header) if length is None else length
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", length) + header + content


def described(shape, descr="'<f4'", order="False"):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"


write("shape-overflows.npy", npy(described("(4294967296, 4294967296)"), bytes(16)))
write("shape-beyond-64-bits.npy", npy(described("(18446744073709551616,)"), bytes(16)))
write("shape-is-nan.npy", npy(described("(nan, 2)"), bytes(16)))
write("shape-is-negative.npy", npy(described("(-2, -2)"), bytes(16)))
write("shape-is-fraction.npy", npy(described("(2.5, 2)"), bytes(20)))
write("shape-is-code.npy", npy(described("(__import__('os').system('true'),)"), bytes(16)))
write("nothing-times-huge.npy", npy(described("(0, 4611686018427387904, 4611686018427387904)", order="True")))
write("three-thousand-dimensions.npy", npy(described("(" + "1, " * 3000 + ")"), bytes(4)))
write("header-of-4-gigabytes.npy", npy(described("(1,)"), bytes(4), version=2, length=0xFFFFFFFF))
write("header-of-nothing.npy", npy("", bytes(4)))
write("objects.npy", npy(described("(1,)", descr="'|O'"), pickle.dumps(Call(os.system, "true"))))
write("strings-of-4-gigabytes.npy", npy(described("(1,)", descr="'<U1073741824'"), bytes(4)))
write("strings-of-nothing.npy", npy(described("(4611686018427387904,)", descr="'<U0'")))
write("type-is-list.npy", npy(described("(1,)", descr="[('a', '<f4')]"), bytes(4)))

# --- zip archives

honest = npy(described("(2, 2)"), bytes(16))
two = [("embeddings.npy", honest), ("image_ids.npy", npy(described("(2,)", descr="'|S1'"), b"ab"))]


def patched(content, after, offset, value):
    """`content` with `value` at `offset` bytes behind the beginning of the first record `after`."""
    start = content.index(after) + offset
    return content[:start] + value + content[start + len(value) :]


local, central, end = b"PK\3\4", b"PK\1\2", b"PK\5\6"
plain = archive(two)
write("name-differs.npz", patched(plain, local, 30, b"embeddinks.npy"))
write("name-not-utf8.npz", patched(plain, central, 46, b"\xff\xfe"))
write("name-longer-than-file.npz", patched(plain, central, 28, b"\xff\xff"))
write("name-of-other-type.npz", archive([("embeddings.npy", two[1][1]), ("image_ids.npy", honest)]))
write("not-an-array.npz", archive([("embeddings.npy", pickle.dumps(Call(os.system, "true"))), two[1]]))
write("archive-in-archive.npz", archive([("embeddings.npy", plain), two[1]]))
write("directory-beyond-end.npz", patched(plain, end, 16, struct.pack("<I", 1 << 31)))
write("directory-is-content.npz", patched(plain, end, 16, struct.pack("<I", 0)))
write("entries-65535.npz", patched(plain, end, 10, b"\xff\xff"))
write("size-of-4-gigabytes.npz", patched(plain, central, 20, b"\xfe\xff\xff\xff" * 2))
wide = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, 1 << 63, 1 << 63, 100, plain.index(central))
locator = struct.pack("<IIQI", 0x07064B50, 0, plain.index(end), 1)
write("entries-2-to-63.npz", plain[: plain.index(end)] + wide + locator + plain[plain.index(end) :])
locator = struct.pack("<IIQI", 0x07064B50, 0, 1 << 63, 1)
write("wide-directory-at-2-to-63.npz", plain[: plain.index(end)] + locator + plain[plain.index(end) :])
bomb = archive([("embeddings.npy", npy(described("(20000000, 1)"), bytes(80_000_000))), two[1]], zipfile.ZIP_DEFLATED)
write("bomb.npz", bomb)
small = archive([("embeddings.npy", npy(described("(1000, 1)"), bytes(4000))), two[1]], zipfile.ZIP_DEFLATED)
write("bomb-that-says-little.npz", patched(bomb, central, 24, struct.pack("<I", 1000)))
write("size-smaller-than-content.npz", patched(small, central, 24, struct.pack("<I", 1000)))
directory = plain.index(central)
repeated = plain[directory : plain.index(end)]
crowd = plain[:directory] + repeated * 500
write("entries-overlap.npz", crowd + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1000, 1000, len(repeated) * 500, directory, 0))

# --- safetensors


def safetensors(header, data=b"", length=None):
    header = header if isinstance(header, bytes) else header.encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def entry(shape="[1]", offsets="[0,4]", name="a", dtype="F32"):
    return f'"{name}":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}'


write("header-of-2-to-63.safetensors", safetensors("{}", length=1 << 63))
write("header-of-2-to-64.safetensors", safetensors("{}", length=(1 << 64) - 1))
write("shape-is-nan.safetensors", safetensors("{" + entry("[NaN]") + "}", bytes(4)))
write("shape-is-infinite.safetensors", safetensors("{" + entry("[1e999]") + "}", bytes(4)))
write("shape-overflows.safetensors", safetensors("{" + entry("[4294967296,4294967297]") + "}", bytes(4)))
write("tensors-overlap.safetensors", safetensors("{" + entry() + "," + entry(name="b", offsets="[2,6]") + "}", bytes(6)))
write("offsets-beyond-end.safetensors", safetensors("{" + entry(offsets="[0,9223372036854775807]") + "}", bytes(4)))
write("name-not-utf8.safetensors", safetensors(b'{"\xff\xfe":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', bytes(4)))
write("nested-100000.safetensors", safetensors('{"a":' + "[" * 100_000))
write("shape-nested-100000.safetensors", safetensors("{" + entry("[" * 100_000) + "}", bytes(4)))
write("two-names-one-letter.safetensors", safetensors("{" + entry(name="\u00e9") + "," + entry(name="e\u0301", offsets="[4,8]") + "}", bytes(8)))

# --- captions

write("nested-100000.json", '{"images": ' + "[" * 100_000)
write("nested-100000-closed.json", '{"images": ' + "[" * 100_000 + "]" * 100_000 + ', "annotations": []}')
write("nested-objects-10000.json", '{"sentences": ' + '{"a": ' * 10_000)
write("bare-nested-100000.json", "[" * 100_000 + "]" * 100_000)
write("id-of-1e999.json", '[{"image_id": 1e999, "caption": "a"}]')
write("id-beyond-64-bits.json", '{"images": [{"filename": "a", "cocoid": 18446744073709551616, "sentences": []}]}')
write("not-utf8.json", b'[{"image_id": "10.jpg", "caption": "\xff\xfe"}]')
write("nul-in-caption.json", '[{"image_id": "10.jpg", "caption": "a\\u0000b"}]')
write("not-closed.json", '[{"image_id": "10.jpg", "caption": "a"}')
write("nothing.json", "")
write("not-closed.csv", 'image,caption\n10.jpg,"' + "a\n" * 20000)
write("columns-differ.csv", "image,caption\n" + "," * 100_000 + "\n")
write("not-utf8.csv", b"image,caption\n10.jpg,\xff\xfe\n")
write("control-characters.csv", "image,caption\n10.jpg\x1b[2J\n,a\x1b]0;b\x07,c\n")
write("not-flickr.txt", "10.jpg#0\tA dog .\n" + "\x1b[31m" * 1000 + "\n")

# --- embedding stores


def store():
    file = io.BytesIO()
    with h5py.File(file, "w") as f:
        f.attrs.update(schema="capstan-embeddings", version=1, encoder="ViT-B/32", normalized=False, source="me")
        f["embeddings"] = np.ones((3, 2), "f4")
        f["image_ids"], f["splits"] = ["a.jpg", "b.jpg", "c.jpg"], ["train"] * 3
        f.create_dataset("captions/text", data=["one", "two", "three", ""], chunks=(2,), compression="gzip")
        f["captions/row"] = np.arange(4) % 3
        places = {name: f[name].id.get_offset() for name in ["embeddings", "image_ids", "splits", "captions/row"]}
    return file.getvalue(), places


content, places = store()


def changed(name, position, layout, *values):
    write(f"{name}.h5", content[:position] + struct.pack(layout, *values) + content[position + struct.calcsize(layout) :])


first_string = places["image_ids"]  # its length, the address of its heap, its number there
heap = struct.unpack_from("<Q", content, first_string + 4)[0]
changed("string-of-4-gigabytes", first_string, "<I", 0xFFFFFFFF)
changed("string-beyond-heap", first_string, "<I", 4000)
changed("heap-beyond-end", first_string + 4, "<Q", 1 << 62)
changed("heap-at-undefined", first_string + 4, "<Q", (1 << 64) - 1)
changed("heap-is-no-heap", first_string + 4, "<Q", 0)
changed("number-not-in-heap", first_string + 12, "<I", 0xFFFFFFFF)
changed("heap-of-2-to-63", heap + 8, "<Q", 1 << 63)
changed("heap-of-nothing", heap + 8, "<Q", 0)
changed("object-of-2-to-63", heap + 24, "<Q", 1 << 63)
changed("object-of-2-to-64", heap + 24, "<Q", (1 << 64) - 1)
tree = content.index(b"TREE")
changed("tree-in-itself", tree + 5, "<BHQQQQ", 1, 1, 0, 0, 0, tree)
changed("tree-without-end", tree + 6, "<H", 0xFFFF)
changed("tree-of-chunks", tree + 4, "<B", 1)
names = content.index(b"HEAP")
changed("names-of-2-to-63", names + 8, "<Q", 1 << 63)
changed("names-beyond-end", names + 24, "<Q", 1 << 62)
symbols = content.index(b"SNOD")
changed("symbols-of-nothing", symbols + 6, "<H", 0)
changed("name-beyond-heap", symbols + 8, "<Q", 1 << 40)
changed("object-in-nothing", symbols + 16, "<Q", (1 << 64) - 1)
changed("root-beyond-end", 64, "<Q", 1 << 62)
changed("root-in-superblock", 64, "<Q", 0)
changed("end-beyond-end", 40, "<Q", 1 << 62)
changed("addresses-of-255-bytes", 13, "<B", 255)
changed("version-255", 8, "<B", 255)
layout = content.index(struct.pack("<QQ", places["embeddings"], 24))
changed("data-beyond-end", layout, "<Q", 1 << 62)
changed("data-of-2-to-63", layout + 8, "<Q", 1 << 63)
changed("data-of-nothing", layout + 8, "<Q", 0)
shape = content.index(struct.pack("<QQ", 3, 2))
changed("shape-overflows", shape, "<QQ", 1 << 40, 1 << 40)
changed("shape-of-2-to-64", shape, "<Q", (1 << 64) - 1)
changed("rows-are-negative", places["captions/row"], "<q", -(1 << 63))
with h5py.File(here / "bomb.h5", "w") as f:
    f.attrs.update(schema="capstan-embeddings", version=1, encoder="ViT-B/32", normalized=False, source="me")
    f["embeddings"] = np.ones((3, 2), "f4")
    f.create_dataset("image_ids", (1 << 24,), "S256", chunks=(1 << 12,), compression="gzip")[0] = b"a"
with h5py.File(here / "dataset-is-group.h5", "w") as f:
    f.attrs.update(schema="capstan-embeddings", version=1, encoder="ViT-B/32", normalized=False, source="me")
    f.create_group("embeddings")
with h5py.File(here / "group-in-itself.h5", "w") as f:
    f.attrs.update(schema="capstan-embeddings", version=1, encoder="ViT-B/32", normalized=False, source="me")
    f["embeddings"] = f["/"]
