"""Makes the Parquet files of this folder, each with the table in expected.json: python make_parquet.py

What is in requirements.txt was used with Python 3.11.
"""

import json
import random

import duckdb
import numpy as np
import pandas
import pyarrow
import pyarrow.parquet as parquet

random.seed(1)
rows = 120
words = "a red dog café 日本語 runs across the “green” field".split()


def sentence():
    return " ".join(random.choice(words) for _ in range(random.randint(1, 8)))


columns = {
    "image_id": [random.randint(-(2**40), 2**40) for _ in range(rows)],
    "file_name": [f"images/{i:06}.jpg" for i in range(rows)],
    "caption": [None if random.random() < 0.1 else sentence() for _ in range(rows)],
    "split": [random.choice(["train", "val", "test"]) for _ in range(rows)],
    "similarity": [None if random.random() < 0.2 else random.randint(-999, 999) / 8 for _ in range(rows)],
    "nsfw": [random.random() < 0.3 for _ in range(rows)],
    "references": [[sentence() for _ in range(random.randint(0, 3))] for _ in range(rows)],
    "embedding": [[random.randint(-64, 64) / 32 for _ in range(4)] for _ in range(rows)],
    "image": [{"path": f"{i}.png", "bytes": bytes([i % 256])} for i in range(rows)],
}
schema = pyarrow.schema([
    ("image_id", pyarrow.int64()), ("file_name", pyarrow.string()), ("caption", pyarrow.string()),
    ("split", pyarrow.string()), ("similarity", pyarrow.float64()), ("nsfw", pyarrow.bool_()),
    ("references", pyarrow.list_(pyarrow.string())), ("embedding", pyarrow.list_(pyarrow.float32())),
    ("image", pyarrow.struct([("path", pyarrow.string()), ("bytes", pyarrow.binary())])),
])
table = pyarrow.table(columns, schema=schema)

parquet.write_table(table, "pyarrow-snappy.parquet", row_group_size=50)
parquet.write_table(table, "pyarrow-zstd-2.parquet", compression="zstd", data_page_version="2.0", row_group_size=70)
parquet.write_table(table, "pyarrow-plain.parquet", compression="none", use_dictionary=False, data_page_size=512)
few = table.slice(0, 3)
parquet.write_table(few, "pyarrow-delta.parquet", use_dictionary=False,
                    column_encoding={"image_id": "DELTA_BINARY_PACKED", "file_name": "DELTA_BYTE_ARRAY"})
parquet.write_table(few, "pyarrow-brotli.parquet", compression="brotli")
halves = pyarrow.table({"half": pyarrow.array(np.float16([0.5, -2, 65504]))})
parquet.write_table(halves, "pyarrow-half.parquet")
nested = pyarrow.table({"boxes": pyarrow.array([[[1.0, 2.0]], []])})
parquet.write_table(nested, "pyarrow-nested.parquet")
table.to_pandas().to_parquet("pandas-gzip.parquet", compression="gzip")
captions = table
duckdb.sql("COPY captions TO 'duckdb.parquet' (FORMAT parquet)")
duckdb.sql("COPY captions TO 'duckdb-zstd.parquet' (FORMAT parquet, COMPRESSION zstd)")


def text(value):
    return str(int(value)) if isinstance(value, bool) else str(value)


expected = {}
for name, values in columns.items():
    if name == "image":
        expected["image.path"] = [[value["path"]] for value in values]
    else:
        expected[name] = [
            [] if value is None else [text(entry) for entry in (value if isinstance(value, list) else [value])]
            for value in values
        ]
with open("expected.json", "w") as file:
    json.dump(expected, file, ensure_ascii=False)
