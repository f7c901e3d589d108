"""Makes json/, a tokenizer as transformers 5 saves it, and its ids in json.json: python make_json.py

The vocabulary is that of small/, whose files make_golden.py wrote, with tokens added to it: a mark [PAD], a mark
<img>, and the words "foobar" and "foo". Also older/, the same as transformers 4 saved it.
"""
import json
import shutil
from pathlib import Path

from transformers import GPT2Tokenizer

HERE = Path(__file__).parent
TEXTS = [
    "", "a dog", " two dogs run.", "a foobar is[PAD] x <img>y<|endoftext|> foobars", "foobarfoo [PAD", "foofoobar<img>",
    "[PAD][PAD] [PAD]", "<|endoftext|>", "ein Büro: foo\n\n  bar's 12", "<img> <im g>", "fo o<|endoftext", "größe 火 foo火",
]

for folder in ["json", "older"]:
    shutil.rmtree(HERE / folder, ignore_errors=True)
tokenizer = GPT2Tokenizer(vocab=str(HERE / "small/vocab.json"), merges=str(HERE / "small/merges.txt"))
tokenizer.add_special_tokens({"pad_token": "[PAD]", "additional_special_tokens": ["<img>"]})
tokenizer.add_tokens(["foobar", "foo"])
tokenizer.save_pretrained(HERE / "json")
saved = json.loads((HERE / "json/tokenizer.json").read_text())
(HERE / "json/tokenizer.json").write_text(json.dumps(saved, ensure_ascii=False, separators=(",", ":")))
(HERE / "json/tokenizer_config.json").unlink()
size = len(saved["model"]["vocab"])

(HERE / "older").mkdir()
for name in ["vocab.json", "merges.txt"]:
    shutil.copy(HERE / "small" / name, HERE / "older" / name)
added = {token["content"]: token["id"] for token in saved["added_tokens"] if token["id"] >= size}
(HERE / "older/added_tokens.json").write_text(json.dumps(added))
marks = {"bos_token": "<|endoftext|>", "pad_token": {"content": "[PAD]", "lstrip": False, "special": True},
         "additional_special_tokens": ["<img>"]}
(HERE / "older/special_tokens_map.json").write_text(json.dumps(marks))

read = GPT2Tokenizer.from_pretrained(HERE / "json")
older = GPT2Tokenizer.from_pretrained(HERE / "older")
cases = []
for text in TEXTS:
    ids = read(text).input_ids
    assert older(text).input_ids == ids, text
    cases.append({"text": text, "ids": ids, "plain": read(text, split_special_tokens=True).input_ids})
(HERE / "json.json").write_text(json.dumps({"size": len(read), "cases": cases}, ensure_ascii=False, indent=0) + "\n")
