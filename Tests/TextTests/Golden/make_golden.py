"""Makes the golden files of TextTests with Hugging Face's tokenizers: python make_golden.py

The inputs are sentences.txt and, for what concerns GPT-2's vocabulary and Flickr8k, the shared data beside
the project (../shared/data from its root). Everything else in this folder is written anew, the same on
each run.
"""

import hashlib
import json
import random
import struct
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import GPT2Tokenizer

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[3] / "shared" / "data"
END = "<|endoftext|>"
BYTE_LEVEL = pre_tokenizers.ByteLevel(add_prefix_space=False)

# Read by people: each is written with its ids in full.
CASES = [
    "",
    " ",
    "   ",
    "hello world",
    " hello  world   ",
    "I'm sure they've said it's what we'd like, you'll see; don't 'sup 'til 'LL 'S",
    "x's 's  's ''s 're'veal'dmll",
    "tabs\tand\nnew\r\nlines \n\n  \t x",
    "12 345,678.90 1st ٣٤٥ Ⅷ ² ½ 一二三",
    "...!? --- (a) [b] {c} \\ \" / # $%^&*_+=~`|<>",
    "a\u00a0b \u00a0c\u2003\u2003d\u3000e\u1680f\u0085g\u2028h\u2029i\u202fj\u205fk",
    "\ufeffbom\u200bzero\u200dwidth\u2060\u180e",
    "e\u0301 \u0301 \u0301\u0301x n\u0303o \u20dd",
    "\x00\x01 \x1c\x1d\x1e\x1f\x7f a\x00b",
    "👨‍👩‍👧‍👦 🏳️‍🌈🇩🇪 👍🏽 ❤️ x👍y",
    "مرحبا بالعالم שלום 你好，世界！ สวัสดี नमस्ते 한국어 日本語カナ",
    "\u0378 \U000e0001 \U0010ffff \ue000 \ud7ff \uffff",
    "\u088f\U00016ea0 \U000323b0 a\u088fb",
    END,
    f"a{END}b",
    f"  {END}  b {END}{END}\n",
    "<|endoftext| > <|endoftext|<|endoftext|>|> <|ENDOFTEXT|>",
]

# Strings of one repeated piece, long enough to hurt a slow merge.
LONG = [
    ("a", 20_000),
    ("ab", 10_000),
    ("'", 20_000),
    (" ", 20_000),
    (" \n", 5_000),
    ("漢", 5_000),
    ("the ", 5_000),
]


def characters(*codes: int) -> list[str]:
    return [chr(code) for code in codes]


def nasty_strings(count: int) -> list[str]:
    """Short strings over scalars that make a tokenizer stumble, seeded."""
    dice = random.Random(20240601)
    pools = [
        list("abcdefghijklmnopqrstuvwxyzABCXYZ"),
        list("0123456789"),
        list("  \t\n\r\v\f"),
        list(".,;:!?'\"-_()[]{}<>|/\\@#$%^&*+=~`"),
        ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'RE", "'", "' "],
        [" the", " dog", " running", "ing", " a", "The", " water"],
        characters(0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000),
        characters(
            0, 1, 7, 8, 0x0E, 0x1B, 0x1C, 0x1F, 0x7F, 0x80, 0x9F, 0xAD, 0xFEFF, 0x200B, 0x200D, 0x2060
        ),
        characters(*range(0x300, 0x312), 0x345, 0x483, 0x5B0, 0x64B, 0x93C, 0x94D, 0x20D0, 0xFE0F, 0xFE20),
        characters(
            0x661, 0x966, 0xB2, 0xBD, 0x2160, 0x2188, 0x2460, 0x3007, 0x3021, 0x1D7D8, 0x10107, 0x1F100
        ),
        characters(0xAA, 0xBA, 0xDF, 0x130, 0x1C5, 0x2B0, 0x3C2, 0x1E9E, 0xFB01, 0x1D400, 0x10400, 0x2F800),
        characters(0x5D0, 0x627, 0x645, 0x905, 0xE01, 0x10D0, 0x1100, 0x3042, 0x30AB, 0x4E00, 0x9FFF, 0xAC00),
        ["👨‍👩‍👧", "🇩🇪", "👍🏽", "❤️", "🏳️‍🌈", "1️⃣", "🫠", "e\u0301", "각"],
        characters(0x378, 0xD7FF, 0xE000, 0xFFFD, 0xFFFE, 0xFFFF, 0xE0001, 0xF0000, 0x10FFFF),
        characters(
            0x88F, 0xC5C, 0xA7CE, 0x10940, 0x11DE0, 0x16EA0, 0x1E6C0, 0x323B0, 0x1C89, 0x10D40, 0x2EBF0
        ),
        [END, "<|", "|>", "<|endoftext|", "endoftext"],
    ]

    def anything() -> str:
        while True:
            c = dice.randrange(0x110000)
            if not 0xD800 <= c < 0xE000:
                return chr(c)

    def piece() -> str:
        if dice.random() < 0.08:
            return anything()
        piece = dice.choice(dice.choice(pools))
        return piece * (dice.randrange(2, 9) if dice.random() < 0.08 else 1)

    strings = ["".join(piece() for _ in range(dice.randrange(1, 14))) for _ in range(count)]
    # Every scalar once between others, sampled, is what finds a wrong class.
    strings += [f"a{c}1{c}.{c} {c}{c} {c}a" for c in (anything() for _ in range(count // 10))]
    return strings


def class_ranges() -> str:
    """The class of every code point as the pre-tokenizer's pattern sees it, as ranges: "L 41 5A"."""

    def pieces(text: str) -> int:
        return len(BYTE_LEVEL.pre_tokenize_str(text))

    def kind(c: str) -> str:
        if c == " ":
            return "S"
        for name, companion in [("L", "a"), ("N", "1"), ("O", "!")]:
            if pieces(companion + c) == 1:
                return name
        return "S"

    ranges: list[list] = []
    for code in (c for c in range(0x110000) if not 0xD800 <= c < 0xE000):
        k = kind(chr(code))
        if ranges and ranges[-1][0] == k and ranges[-1][2] == code - 1:
            ranges[-1][2] = code
        else:
            ranges.append([k, code, code])
    return "".join(f"{k} {first:X} {last:X}\n" for k, first, last in ranges if k != "O")


def integers(ids: list[int]) -> bytes:
    return struct.pack(f"<{len(ids)}i", *ids)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def fingerprint(vocabulary: dict[str, int], merges: list[tuple[str, str]]) -> str:
    """As documented at Vocabulary.fingerprint."""
    tokens = [t.encode() for t, _ in sorted(vocabulary.items(), key=lambda entry: entry[1])]
    data = [integers([len(tokens)]), *(integers([len(t)]) + t for t in tokens)]
    data += [integers([len(merges)]), *(integers([vocabulary[a], vocabulary[b]]) for a, b in merges)]
    return sha256(b"".join(data))


def train(texts: list[str], size: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = BYTE_LEVEL
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=size,
            special_tokens=[END],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    return tokenizer


def fingerprint_of(tokenizer: Tokenizer) -> str:
    model = json.loads(tokenizer.to_str())["model"]
    return fingerprint(model["vocab"], [tuple(m) for m in model["merges"]])


def golden_of(tokenizer: GPT2Tokenizer, strings: list[str]) -> dict:
    def ids(text: str) -> list[int]:
        return tokenizer(text, verbose=False).input_ids

    def plain(text: str) -> list[int]:
        return tokenizer(text, split_special_tokens=True, verbose=False).input_ids

    return {
        "fingerprint": fingerprint_of(tokenizer.backend_tokenizer),
        "cases": [{"text": c, "ids": ids(c), "plain": plain(c)} for c in CASES],
        "long": [{"piece": p, "times": n, "digest": sha256(integers(ids(p * n)))[:8]} for p, n in LONG],
        "digests": [sha256(integers(ids(s)))[:8] for s in strings],
    }


def write(name: str, value) -> None:
    (HERE / name).write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n", newline="")


def main() -> None:
    (HERE / "classes.txt").write_text(class_ranges())
    strings = nasty_strings(2500)
    write("strings.json", strings)

    sentences = (HERE / "sentences.txt").read_text().splitlines()
    (HERE / "small").mkdir(exist_ok=True)
    train(sentences, 600).model.save(str(HERE / "small"))
    small = GPT2Tokenizer.from_pretrained(HERE / "small")
    dice = random.Random(7)
    sequences = [[dice.randrange(-1, 300) % 600 for _ in range(dice.randrange(1, 10))] for _ in range(300)]
    write("small.json", golden_of(small, strings))
    write("decoded.json", [{"ids": s, "text": small.decode(s)} for s in sequences])

    if not SHARED.exists():
        print(f"{SHARED} is not there: gpt2.json and flickr8k.json stay as they are")
        return
    gpt2 = GPT2Tokenizer.from_pretrained(SHARED / "gpt2")
    write("gpt2.json", golden_of(gpt2, strings))
    images = json.loads((SHARED / "flickr8k" / "dataset_flickr8k.json").read_text())["images"]
    captions = [s["raw"] for image in images for s in image["sentences"]]
    training = [s["raw"] for image in images if image["split"] == "train" for s in image["sentences"]]
    ids = [id for caption in captions for id in [*gpt2(caption).input_ids, gpt2.eos_token_id]]
    write(
        "flickr8k.json",
        {
            "captions": len(captions),
            "gpt2Ids": sha256(integers(ids)),
            "trained": {str(size): fingerprint_of(train(training, size)) for size in (4096, 8192)},
            # More than the captions have to give.
            "exhausted": len(json.loads(train(training, 50_000).to_str())["model"]["vocab"]),
        },
    )


if __name__ == "__main__":
    main()
