"""Makes modern/, small tokenizers with the steps of today's language models, and modern.json: python make_modern.py

Each is trained on sentences.txt and the captions below, and saved by Hugging Face's tokenizers. What it makes of the
texts below and of the first of strings.json is kept as digests.
"""

import hashlib
import json
import random
import shutil
import struct
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = Path(__file__).resolve().parent
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace("{1,3}", "")

NASTY = [
    "", " ", "  ", "\n", " \n", "\r\n", "\r\n\r\n x", "a \n b", "a\n\n\nb", "\t\tx\t y", " \t\n \n  z",
    "end  ", "end \n ", "I'm he's we'll they've you're don't she'd",
    "I'M HE'S WE'LL THEY'VE YOU'RE DON'T SHE'D", "'ſ x'ſy 'Sa 'sa 'lL 'Ll 'l 'r 'v", "'ſ", "'", "''", "'s",
    "'re", "'RE'VE'ſ'", "’s ‘tis", "1 12 123 1234 12345 1234567890", "a1b22c333d4444", " 1", "  12", "x 1 2",
    "3.14, -2; 50% $7 1,000,000", "Ⅷ ² ٣ ٣٤٥٦ ½ 一二三 ⅷⅸ ①②③④ 𝟘𝟙𝟚𝟛", "\U00011de0\U00011de1 \U00016ff4",
    "...\n\n", "!\r\n!", " !?\n", "\u00a0a \u00a0\u00a0b",
    "a\u00a0\u00a0b\u3000c\u2003\u2003d\u0085e\u2028f\u2029g", "\ufeffbom\u200bzero\u200dwidth",
    "_a -b (c) [d] {e} #f @g /h \\i", "café cafe\u0301 CAFE\u0301",
    "n\u0303o A\u030a \u212b Å q\u0307\u0323 q\u0323\u0307", "\u0301 \u0301x x\u0301",
    "가 각 \u1100\u1161\u11a8 \u1100\u1161 \u1161\u11a8 가\u11a8",
    "\u0958 \u0344 \u2126 \u1e9b\u0323 \ufb01 \U0001d15e \U0002f800",
    "\U00011935\U00011930 \U000105d2\u0307 a\u1dfa\u0301", "👨‍👩‍👧‍👦 🏳️‍🌈🇩🇪 👍🏽 ❤️ x👍y 1️⃣",
    "مرحبا بالعالم שלום 你好，世界！ สวัสดี नमस्ते 한국어 日本語カナ", "\x00\x01 \x1c\x1d\x1f\x7f a\x00b",
    "\u0378 \U000e0001 \U0010ffff \ue000 \uffff", "<|endoftext|>", "<|im_start|>user\nhi<|im_end|>\n",
    "a<|im_end|>b <|begin_of_text|>c<|end_of_text|>", "<|im_end", "<tool>x</tool> <tool>",
    "photograph a photograph xylophone a xylophone", "straße ſtraße K \u212a ǅ ŉ ﬆ 'ﬆ",
]


def captions(count: int) -> list[str]:
    dice = random.Random(20261201)
    who = [
        "A man", "two dogs", "The woman in a red coat", "3 children", "A black-and-white cat",
        "someone's bike", "Players No. 12 and 7",
    ]
    what = [
        "runs", "is jumping over", "aren't looking at", "sits beside", "they've left", "rides 25 metres past",
        "'s been watching",
    ]
    where = [
        "the beach", "a café table", "an old (very old) bridge", "the water's edge", "a field; it's green",
        "“Main St.”", "a 1960s car",
    ]
    ends = [".", "", " .", "!", "...", ".\n", "  ", " ?", ".\r\n"]
    return [" ".join(map(dice.choice, (who, what, where))) + dice.choice(ends) for _ in range(count)]


def byte_level(**settings) -> pre_tokenizers.ByteLevel:
    return pre_tokenizers.ByteLevel(add_prefix_space=False, **settings)


def split(pattern: str) -> pre_tokenizers.Sequence:
    return pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(pattern), behavior="isolated", invert=False), byte_level(use_regex=False)]
    )


def marks(*texts: str) -> list[AddedToken]:
    return [AddedToken(text, special=True, normalized=False) for text in texts]


def train(texts: list[str], pre_tokenizer, special=(), without=(), composes=False) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    if composes:
        tokenizer.normalizer = normalizers.NFC()
    alphabet = [s for s in sorted(pre_tokenizers.ByteLevel.alphabet()) if s not in without]
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=700, special_tokens=list(special), initial_alphabet=alphabet, show_progress=False
        ),
    )
    return tokenizer


def tokenizers(texts: list[str]) -> dict[str, tuple[Tokenizer, dict]]:
    gpt2 = train(texts, byte_level(), special=marks("<|endoftext|>", "<|im_end|>"))
    # As SmolLM2's, this vocabulary lacks bytes.
    missing = {chr(c) for c in (0xC0, 0xC1, *range(0xF5, 0x100))} | {"Ā", "ā", "Þ", "ß", "Ì"}
    digits = train(
        texts,
        pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level()]),
        special=marks("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
        without=missing,
    )
    # As Llama 3's, it has words that no merge makes, and merges that make other words of them.
    llama3 = train(texts, split(LLAMA3))
    model = json.loads(llama3.to_str())["model"]
    whole = ["Ġphotograph", "photograph", "Ġxylophone", "'S", "ĠĊĠ"]
    vocabulary = model["vocab"] | {word: 700 + i for i, word in enumerate(whole)}
    merges = [tuple(merge) for merge in model["merges"]]
    llama3.model = models.BPE(vocab=vocabulary, merges=merges, ignore_merges=True)
    llama3.add_special_tokens(marks("<|begin_of_text|>", "<|end_of_text|>", "<|im_end|>"))
    begin = "<|begin_of_text|>"
    llama3.post_processor = processors.Sequence(
        [
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(
                single=f"{begin} $A",
                pair=f"{begin} $A {begin}:1 $B:1",
                special_tokens=[(begin, llama3.token_to_id(begin))],
            ),
        ]
    )
    qwen2 = train(texts, split(QWEN2), composes=True)
    qwen2.add_special_tokens(marks("<|endoftext|>", "<|im_start|>", "<|im_end|>"))
    qwen2.add_tokens([AddedToken("<tool>", normalized=False), AddedToken("cafe\u0301", normalized=True)])
    return {
        "gpt2": (gpt2, {"bos_token": "<|endoftext|>", "eos_token": {"content": "<|im_end|>", "special": True}}),
        "digits": (digits, {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>"}),
        "llama3": (llama3, {"bos_token": begin, "eos_token": "<|end_of_text|>"}),
        "qwen2": (qwen2, {"bos_token": None, "eos_token": "<|im_end|>"}),
    }


def digest(ids: list[int]) -> str:
    return hashlib.sha256(struct.pack(f"<{len(ids)}i", *ids)).hexdigest()[:8]


def digests(tokenizer: Tokenizer, texts: list[str], plain: bool) -> list[str]:
    tokenizer.encode_special_tokens = plain
    return [digest(tokenizer.encode(text, add_special_tokens=False).ids) for text in texts]


def scalars(first: int = 0, last: int = 0x10FFFF) -> list[str]:
    return [chr(c) for c in range(first, last + 1) if not 0xD800 <= c < 0xE000]


def composed() -> list[str]:
    """What NFC makes of each scalar, by itself and beside others, in blocks of 4,096."""
    nfc = normalizers.NFC()
    blocks = []
    for first in range(0, 0x110000, 0x1000):
        texts = (
            f"{c} e{c} {c}\u0301 a\u0315{c}\u0327 \u1100{c} \u1100\u1161{c}\n"
            for c in scalars(first, first + 0xFFF)
        )
        blocks.append(hashlib.sha256(nfc.normalize_str("".join(texts)).encode()).hexdigest()[:8])
    return blocks


def main() -> None:
    lines = (HERE / "sentences.txt").read_text().splitlines() + captions(400)
    texts = NASTY + captions(200) + json.loads((HERE / "strings.json").read_text())[:600]
    shutil.rmtree(HERE / "modern", ignore_errors=True)
    kinds = {}
    for name, (tokenizer, roles) in tokenizers(lines).items():
        folder = HERE / "modern" / name
        folder.mkdir(parents=True)
        file = json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":"))
        (folder / "tokenizer.json").write_text(file)
        (folder / "tokenizer_config.json").write_text(json.dumps(roles) + "\n")
        end = roles["eos_token"]
        kinds[name] = {
            "size": tokenizer.get_vocab_size(),
            "end": tokenizer.token_to_id(end if isinstance(end, str) else end["content"]),
            "digests": digests(tokenizer, texts, plain=False),
            "plain": digests(tokenizer, texts, plain=True),
        }
    digit = pre_tokenizers.Digits(individual_digits=True)
    llama3 = pre_tokenizers.Split(Regex(LLAMA3), behavior="isolated")

    def words(text: str) -> int:
        return len(llama3.pre_tokenize_str(text))

    golden = {
        # Beside those of strings.json.
        "texts": NASTY + captions(200),
        "kinds": kinds,
        "composed": composed(),
        "numeric": hashlib.sha256(
            "".join(c for c in scalars() if len(digit.pre_tokenize_str("a" + c)) == 2).encode()
        ).hexdigest()[:8],
        # The letters of contractions, before another letter.
        "contractions": [c for c in scalars() if words(f"a{c}") == 1 and words(f"a'{c}é") == 3],
    }
    (HERE / "modern.json").write_text(json.dumps(golden, ensure_ascii=False, separators=(",", ":")) + "\n", newline="")


if __name__ == "__main__":
    main()
