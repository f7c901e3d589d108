"""Writes the safetensors files that the tests read: python make.py

`refused-*` are attacks and damage, which a reader must refuse. Versions: see requirements.txt.
"""

import json
import struct
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

here = Path(__file__).parent

# Exact in every floating-point type.
numbers = [[0.0, 1.0, -2.5], [96.0, 2.0**-24, -0.125]]
types = dict(
    F64=torch.float64, F32=torch.float32, F16=torch.float16, BF16=torch.bfloat16, I64=torch.int64, I32=torch.int32,
    I16=torch.int16, I8=torch.int8, U8=torch.uint8, BOOL=torch.bool,
)
save_file(
    {
        name: torch.tensor(numbers).to(dtype) if dtype.is_floating_point else torch.tensor(numbers).abs().to(dtype)
        for name, dtype in types.items()
    }
    | {"scalar": torch.tensor(7.0), "empty": torch.zeros(0, 3)},
    here / "types.safetensors",
)
save_file({"wte.weight": torch.tensor(numbers)}, here / "simple.safetensors", {'a "key"': "Straße\n\\ 猫"})
# In the order in which Python's library sorts them: by the size of an element, then by name.
save_file(
    {"h.0.bias": torch.tensor([1.0]), "h.0.weight": torch.tensor(numbers), "ids": torch.tensor([3, 1, 2])},
    here / "several.safetensors",
)


def raw(name, header, data=b"", length=None):
    header = header if isinstance(header, bytes) else header.encode()
    path = here / f"{name}.safetensors"
    path.write_bytes(struct.pack("<Q", len(header) if length is None else length) + header + data)
    return path


def refused(name, *arguments, **options):
    path = raw(f"refused-{name}", *arguments, **options)
    try:
        with safe_open(path, "pt"):
            print(f"Python's library takes {path.name}")
    except Exception:
        pass


def tensor(begin, end, shape=(1,), dtype="F32", **more):
    return dict(dtype=dtype, shape=list(shape), data_offsets=[begin, end]) | more


def header(**tensors):
    return json.dumps(tensors)


four = b"\0" * 4
# Escapes and spaces that JSON allows, a name beyond UTF-16's first plane, members in another order.
raw(
    "escapes",
    r'{ "\u0041\uD83D\uDC08\/\t" : {"shape" : [ 1 , 1 ] ,"data_offsets":[0,4],"dtype":"F32"}}' + "   ",
    struct.pack("<f", 2.5),
)

refused("nothing", "", length=0)
refused("huge-header", "{}", length=2**63)
refused("huge-header-sign", "{}", length=2**64 - 1)
refused("over-limit", "{}", length=100_000_001)
refused("header-beyond-end", "{}", length=3)
refused("list", "[]")
refused("leading-space", " {}")
refused("unclosed", '{"a":')
refused("unclosed-string", '{"a')
refused("trailing", "{}x")
refused("trailing-comma", header(a=tensor(0, 4))[:-1] + ",}", four)
refused("duplicate", f'{{"a":{json.dumps(tensor(0, 4))},"a":{json.dumps(tensor(4, 8))}}}', 2 * four)
refused("duplicate-escaped", f'{{"a":{json.dumps(tensor(0, 4))},"\\u0061":{json.dumps(tensor(4, 8))}}}', 2 * four)
refused("duplicate-metadata", '{"__metadata__":{"a":"b","a":"c"}}')
refused("metadata-number", '{"__metadata__":{"a":1}}')
refused("metadata-list", '{"__metadata__":[]}')
refused("not-utf8", b'{"\xff":' + json.dumps(tensor(0, 4)).encode() + b"}", four)
refused("lone-surrogate", '{"\\uD83D":' + json.dumps(tensor(0, 4)) + "}", four)
refused("bad-escape", '{"\\x":' + json.dumps(tensor(0, 4)) + "}", four)
refused("control-character", '{"a\n":' + json.dumps(tensor(0, 4)) + "}", four)
refused("overlap", header(a=tensor(0, 4), b=tensor(2, 6)), 2 * four)
refused("same", header(a=tensor(0, 4), b=tensor(0, 4)), four)
refused("hole", header(a=tensor(0, 4), b=tensor(8, 12)), 3 * four)
refused("hole-at-start", header(a=tensor(4, 8)), 2 * four)
refused("beyond-end", header(a=tensor(0, 8, [2])), four)
refused("data-left", header(a=tensor(0, 4)), 2 * four)
refused("backwards", header(a=tensor(4, 0)), four)
refused("wrong-size", header(a=tensor(0, 4, [2])), four)
refused("negative-shape", header(a=tensor(0, 4, [-1])), four)
refused("negative-shapes", header(a=tensor(0, 4, [-1, -1])), four)
refused("negative-offset", header(a=tensor(-4, 0)), four)
refused("overflow-shape", header(a=tensor(0, 4, [2**62, 4])), four)
refused("overflow-bytes", header(a=tensor(0, 4, [2**62 + 1])), four)
refused("overflow-number", header(a=tensor(0, 2**64 + 4)), four)
refused("fraction", header(a=tensor(0, 4, [1.0])), four)
refused("exponent", '{"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}', four)
refused("leading-zero", '{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}', four)
refused("one-offset", '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}', four)
refused("three-offsets", '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}', four)
refused("no-shape", '{"a":{"dtype":"F32","data_offsets":[0,4]}}', four)
refused("shape-twice", '{"a":{"dtype":"F32","shape":[2],"shape":[1],"data_offsets":[0,4]}}', four)
refused("unknown-dtype", header(a=tensor(0, 4, dtype="F128")), four)
refused("unknown-property", header(a=tensor(0, 4, more=1)), four)
refused("nested", '{"a":' * 1000)
