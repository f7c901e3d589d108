"""Makes ptb_probes.tsv, the first 1,000 rows of the probes beside the project: python make_ptb_probes.py PROBES.tsv.gz

A row is a class, a made-up caption, and its tokens before any is dropped, by the tokenizer of pycocoevalcap 1.2 on
OpenJDK 17. All captions went through as one text. A backslash is `\\\\`, a character that does not show `\\uXXXX`.
"""

import gzip
import itertools
import sys
from pathlib import Path

with gzip.open(sys.argv[1], "rt", encoding="utf-8", newline="\n") as probes:
    rows = itertools.islice(probes, 1000)
    Path(__file__).with_name("ptb_probes.tsv").write_text("".join(rows), encoding="utf-8", newline="\n")
