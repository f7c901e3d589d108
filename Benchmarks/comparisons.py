"""What is compared with what. The first program of a comparison is the one that the others' ratios are over."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Program:
    """A program that prints a line for each piece of its work. kind: capstan, peer_step, peer_decode or llm.c."""
    name: str
    kind: str
    options: tuple = ()
    ranks: int = 1
    threads: int = 2


@dataclass(frozen=True)
class Comparison:
    name: str
    unit: str
    programs: tuple


def capstan(precision, *options, benchmark="step", **world):
    places = "".join(f", {ranks} × {world['threads']}" for ranks in [world.get("ranks", 1)] if world)
    return Program(f"Capstan {precision}{places}", "capstan", ("bench", benchmark, "--precision", precision, *options), **world)


def torch(*options, name="PyTorch", **world):
    words = [option.removeprefix("--") for option in options]
    return Program(" ".join([name, *(words or ["float32"])]), "peer_step", options, **world)


def steps(name, peer, *options):
    return Comparison(
        name, "captions/s", (peer, capstan("float32", *options), capstan("bfloat16", *options)))


def worlds(name, *pairs):
    return [
        Comparison(
            f"{name}-{precision}", "captions/s",
            tuple(capstan(precision, ranks=ranks, threads=threads) for ranks, threads in pairs))
        for precision in ("float32", "bfloat16")
    ]


def decoding(precision):
    """transformers' generate in several batches, of which the best counts."""
    options = ("--bfloat16",) if precision == "bfloat16" else ()
    peers = (
        Program(f"transformers, {precision}, batch {batch}", "peer_decode", (*options, "--batch", batch))
        for batch in ("20", "10", "40"))
    return Comparison(f"decode-{precision}", "images/s", (*peers, capstan(precision, benchmark="decode")))


COMPARISONS = [
    steps("finetune-padded", torch("--padded")),
    steps("finetune-float32", torch()),
    steps("finetune-bfloat16", torch("--bfloat16")),
    steps("finetune-compiled", torch("--bfloat16", "--compile")),
    steps("frozen-float32", torch("--frozen"), "--frozen"),
    steps("frozen-bfloat16", torch("--frozen", "--bfloat16"), "--frozen"),
    steps("frozen-compiled", torch("--frozen", "--bfloat16", "--compile"), "--frozen"),
    *worlds("ranks-or-threads", (1, 2), (2, 1)),
    *worlds("scaling", (1, 1), (2, 1)),
    Comparison(
        "distributed", "captions/s",
        (torch("--bfloat16", name="PyTorch DDP 2 × 1", ranks=2, threads=1),
         capstan("float32", ranks=2, threads=1), capstan("bfloat16", ranks=2, threads=1))),
    decoding("float32"),
    decoding("bfloat16"),
    Comparison(
        "language-model", "sequences/s",
        (Program("llm.c", "llm.c"), capstan("float32", "--language-model"), capstan("bfloat16", "--language-model"))),
]
