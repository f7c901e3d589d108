"""Makes words/, a vocabulary of whole words, and its ids in words.json: python make_words.py

words/train.txt are the captions it is made of; the counting and the order here are Python's own.
"""
import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import NFC, Lowercase, Sequence
from tokenizers.pre_tokenizers import WhitespaceSplit
from transformers import AutoTokenizer

HERE = Path(__file__).parent / "words"
CAPTIONS = [
    "A dog runs .", "a dog and a Dog", "the dog sleeps", "two Büros <unk> <unk>", "two bu\u0308ros", "zwei BÜROS the the",
    "ΟΔΟΣ οδοσ", "İzmir i\u0307zmir", "火 火 <|endoftext|> <|endoftext|>", "runs\u00a0runs\u3000sleeps", "b.c b.c", "ǆ Ǆ",
]
TEXTS = CAPTIONS + [
    "", " ", "a\tdog\n\n runs.", "A CAT", "a<unk>dog", "<|endoftext|>a<|endoftext|>", "dog<|ENDOFTEXT|> <|ENDOFTEXT|> <UNK>",
    "a\u200bdog a\u2028dog a\x1cdog a\x85dog", "<|endoftext", "ΟΔΟΣ Straße Büro büros\u0308", "dog " * 3,
]

tokenizer = Tokenizer(WordLevel(unk_token="<unk>"))
tokenizer.normalizer = Sequence([Lowercase(), NFC()])
tokenizer.pre_tokenizer = WhitespaceSplit()
counts = Counter()
for caption in CAPTIONS:
    normal = tokenizer.normalizer.normalize_str(caption)
    counts.update(word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal))
marks = ["<|endoftext|>", "<unk>"]
words = sorted((word for word, count in counts.items() if count >= 2 and word not in marks), key=lambda word: (-counts[word], word))
tokenizer.model = WordLevel({word: id for id, word in enumerate(marks + words)}, unk_token="<unk>")
tokenizer.add_special_tokens(marks)

HERE.mkdir(exist_ok=True)
(HERE / "train.txt").write_text("\n".join(CAPTIONS) + "\n")
(HERE / "tokenizer.json").write_text(tokenizer.to_str(pretty=False))
(HERE / "tokenizer_config.json").write_text(json.dumps({
    "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": marks[0], "eos_token": marks[0], "unk_token": marks[1],
    "clean_up_tokenization_spaces": False}))

with TemporaryDirectory() as folder:
    # Beside a GPT-2 transformers must take it for what it is.
    for file in HERE.glob("tokenizer*"):
        (Path(folder) / file.name).write_text(file.read_text())
    (Path(folder) / "config.json").write_text('{"model_type": "gpt2"}')
    automatic = AutoTokenizer.from_pretrained(folder)
cases = []
for text in TEXTS:
    ids = tokenizer.encode(text).ids
    assert automatic(text).input_ids == ids, text
    decoded = tokenizer.decode(ids, skip_special_tokens=False)
    cases.append({"text": text, "ids": ids, "decoded": decoded})
(HERE.parent / "words.json").write_text(json.dumps({"words": marks + words, "cases": cases}, ensure_ascii=False, indent=0) + "\n")
