"""Makes modern/, tokenizers as Llama 3, Qwen2 and SmolLM have them, with small vocabularies, and the ids that Hugging Face's
`tokenizers` gives to strings: python make_modern.py

Beside the tokenizer.json of each stand its strings' ids in modern.json, and the SHA-256 of the ids of all captions of
Flickr8k's dataset_flickr8k.json, int32, little-endian, one after the other, where the file is named: python make_modern.py FILE
"""
import hashlib
import json
import random
import shutil
import sys
from pathlib import Path

import numpy as np
from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer

HERE = Path(__file__).parent
NUMBERS = {"llama3": r"\p{N}{1,3}", "qwen2": r"\p{N}"}


def split(numbers):
    pattern = (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|" + numbers
        + r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
    return pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


NASTY = [
    "", " ", "  ", "a", " a", "  a", "a ", "a  ", "a  b", "It's I'm you're we've he'll she'd don't", "IT'S I'M YOU'RE WE'VE",
    "it'ſ it'S 'ſ'S", "'sam 'Tis 'twas 'LLama ''s 's's", "don’t it’s", "1", "12", "123", "1234", "1234567", "a1b22c333d4444",
    " 1 22  333", "3.14 1,000,000 $5 50%", "Ⅷ ² ³½ ٣٤٥ ৪৫ 〇一二", "x²y³", "a\nb", "a\r\nb", "a\n\nb", "a \n b", "  \n  b",
    "a\n  \n\n  b", "\n", "\r\n\r\n", " \n", "\n ", "a\tb", "\ta", "\t\ta", "a\u00a0b", "\u00a0\u00a0a", "\u3000a\u2003b",
    "a\u0085b", "a\u2028b", "!!!", " !!!", "  !!!", "!!!\n", "!!!\r\n\n", "...a", " ...a", "(a)", "a.b", "a-b", "_a_", "#a", "@a",
    "👩‍👩‍👧‍👦 👍🏽 🇩🇪", "e\u0301 é \u00e9", "A\u030a Å \u212b", "한국어 \u1112\u1161\u11ab", "中文字符 日本語", "עברית العربية",
    "नमस्ते", "ไทย", "\u0000\u0001\u007f", "\ufeffa", "a\u200bb", "ﬁ ﬂ ﬆ", "ß ẞ", "İ ı", "<|end|>", "a<|end|>b", "<|end|",
    "<|im_end|> <|im_start|>", "ǅ ʰ ª º", "\u0300a", " \u0300", "a\u0300\u0316b", "𝐀𝟏 𐐀", "\U0001f600a", "A dog runs's 2 dogs' 10 legs.",
]
WORDS = "a man in the red shirt dog runs on green grass two 12 2023 it's they're café naïve \n ! ... , 火 é e\u0301 ² '".split(" ")
ALPHABET = list("ab zZ'sStTlLdmreve0123.,!?-\n\r\t  ") + ["é", "e\u0301", "ſ", "²", "Ⅷ", "٣", "火", "\u00a0", "\u3000", "👍", "\u0300", "한"]


def strings():
    draw = random.Random(17)
    mixed = ["".join(draw.choice(ALPHABET) for _ in range(draw.randint(1, 24))) for _ in range(200)]
    words = [" ".join(draw.choice(WORDS) for _ in range(draw.randint(3, 12))) for _ in range(40)]
    return NASTY + mixed + words


def train(name, texts):
    tokenizer = Tokenizer(BPE(ignore_merges=name == "llama3"))
    if name == "smollm":
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
            pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    else:
        tokenizer.pre_tokenizer = split(NUMBERS[name])
    if name == "qwen2":
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.decoder = decoders.ByteLevel()
    marks = [AddedToken(text, special=True, normalized=False) for text in ["<|end|>", "<|im_start|>", "<|im_end|>"]]
    tokenizer.train_from_iterator(texts, BpeTrainer(
        vocab_size=400, special_tokens=marks, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    if name == "llama3":
        tokenizer.post_processor = processors.Sequence([
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(single="<|im_start|> $A", special_tokens=[("<|im_start|>", 1)])])
    return tokenizer


def main():
    texts = strings()
    shutil.rmtree(HERE / "modern", ignore_errors=True)
    expected = {"strings": texts, "ids": {}, "flickr8k": {}}
    captions = []
    if len(sys.argv) > 1:
        images = json.loads(Path(sys.argv[1]).read_text())["images"]
        captions = [sentence["raw"] for image in images for sentence in image["sentences"]]
    for name in ["llama3", "qwen2", "smollm"]:
        tokenizer = train(name, texts)
        folder = HERE / "modern" / name
        folder.mkdir(parents=True)
        saved = json.loads(tokenizer.to_str())
        (folder / "tokenizer.json").write_text(json.dumps(saved, ensure_ascii=False, separators=(",", ":")))
        (folder / "tokenizer_config.json").write_text(json.dumps(
            {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>"}))
        expected["ids"][name] = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
        ids = [i for c in tokenizer.encode_batch(captions, add_special_tokens=False) for i in c.ids]
        expected["flickr8k"][name] = hashlib.sha256(np.array(ids, "<i4").tobytes()).hexdigest()
    (HERE / "modern.json").write_text(json.dumps(expected, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
