"""A model of a training step's time, fitted to what Benchmarks/scaling measured, checked against runs that it was not
fitted to, and carried to clusters. docs/scaling.md explains it.

  python Benchmarks/scaling_model.py measured.jsonl
"""

import json
import math
import sys

import numpy
from scipy.optimize import least_squares

PREFIX, LAYERS, VOCABULARY, EMBEDDING, BUCKET = 10, 4, 2000, 512, 1 << 22
CORES = 2  # of the machine that all hosts of the measurement share
PARAMETERS = {  # by name, where the fit starts, and the most that it may come to
    "seconds per operation": (1e-11, 1e-8),
    "seconds per updated parameter": (1e-9, 1e-6),
    "seconds of any step": (1e-3, 1),
    "share of the bandwidth that is reached": (0.9, 1),
    "seconds of an exchange": (1e-5, 1e-2),
}


def operations(run):
    """Multiplications and additions of a step, forward and backward."""
    width, rows = run["width"], run["tokens"] + run["batch"] * PREFIX
    mapper = EMBEDDING * width * PREFIX // 2 + (width * PREFIX // 2) * width * PREFIX
    return 6 * (rows * 12 * LAYERS * width**2 + run["tokens"] * VOCABULARY * width + run["batch"] * mapper)


def traffic(trained, hosts, rows_bytes, gradient_bytes=4, weight_bytes=4):
    """Bytes that leave a host: for the sums of gradients (recursive halving), and for rows of the token table and
    updated weights."""
    share = (hosts - 1) / hosts
    return share * trained * gradient_bytes, share * trained * weight_bytes + rows_bytes * share / hosts


def messages(trained, hosts, ranks):
    """One after the other on a rank: rounds of each bucket's sum, exchanges of its weights, and small gatherings."""
    if hosts == 1:
        return 0
    return math.ceil(trained / BUCKET) * (math.log2(hosts) + hosts - 1) + 8 * ranks * (hosts - 1)


def step_seconds(run, parameters):
    operation, update, fixed, reached, message = parameters
    hosts, ranks = run["hosts"], run["hosts"] * run["ranks"]
    cores = min(ranks, CORES)
    compute = operation * operations(run) / cores
    summed, shared = traffic(run["trained"], hosts, run["tokens"] * run["width"] * 4)
    wire = 8e-6 / (run["megabits"] * reached) if run["megabits"] else 0
    backward = compute * 2 / 3  # which the sums go beside
    return (compute - backward + max(backward, summed * wire) + update * run["trained"] / cores + shared * wire + fixed
            + message * messages(run["trained"], hosts, run["ranks"]))


def fit(runs):
    """Least squares of the logarithms of model / measured, over the logarithms of the parameters."""
    start, most = (numpy.log(values) for values in zip(*PARAMETERS.values()))

    def residuals(logarithms):
        return [math.log(step_seconds(run, numpy.exp(logarithms)) / run["seconds"]) for run in runs]

    return numpy.exp(least_squares(residuals, start, bounds=(math.log(1e-14), most + 1e-9), loss="soft_l1", f_scale=0.1).x)


def show(title, runs, parameters):
    print(f"\n{title}\n| hosts × ranks | Mb/s | parameters | captions | measured | model | model / measured |")
    print("|---|---|---|---|---|---|---|")
    for run in runs:
        predicted = step_seconds(run, parameters)
        print(f"| {run['hosts']} × {run['ranks']} | {run['megabits'] or '-'} | {run['trained'] / 1e6:.1f} M | {run['batch']} | "
              f"{run['seconds']:.3f} s | {predicted:.3f} s | {predicted / run['seconds']:.2f} |")


# ClipCap with GPT-2 124M on the machine of docs/benchmarks.md with all cores busy: captions a second of one core, trained
# parameters, bytes of each that travel as gradients and as weights, and how often a token's row travels.
KINDS = {
    "fine-tune, float32": {"speed": 9.65, "trained": 155.9e6, "gradient": 4, "weight": 4, "rows": 1},
    "fine-tune, bfloat16": {"speed": 19.75, "trained": 155.9e6, "gradient": 4, "weight": 2, "rows": 2},
    "the same, gradients rounded": {"speed": 19.75, "trained": 155.9e6, "gradient": 2, "weight": 2, "rows": 2},
    "frozen, bfloat16": {"speed": 20.6, "trained": 42.5e6, "gradient": 4, "weight": 2, "rows": 0},
}
TOKENS, WIDTH = 12, 768  # of a caption; of a token's row
# Assumed of a cluster: memory of a core, a message between hosts, the share of the wire that payload gets.
CORE_BYTES, MESSAGE, WIRE = 5e9, 20e-6, 0.94


def cluster(kind, hosts, ranks, gigabits, captions):
    """Seconds of a step's parts on ranks of one core, each with as many captions: computing, memory (sum within the host,
    update, unpacking), the sum of gradients beyond backward, weights and rows, messages."""
    compute, total = captions / kind["speed"], hosts * ranks
    memory = kind["trained"] * (4 + 10 / ranks + 28 / total) / CORE_BYTES
    rows = kind["rows"] * captions * total * TOKENS * WIDTH * 4
    summed, shared = traffic(kind["trained"], hosts, rows, kind["gradient"], kind["weight"])
    second = 8e-9 / (gigabits * WIRE)
    return (compute, memory, max(0, summed * second - compute * 2 / 3), shared * second,
            MESSAGE * messages(kind["trained"], hosts, ranks))


def show_clusters(ranks, captions):
    print(f"\n{ranks} ranks a host, {captions} captions a rank")
    print("| kind | ranks | Gb/s | compute | memory | sum | weights, rows | messages | efficiency |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, kind in KINDS.items():
        for total in (128, 1024):
            for gigabits in (10, 25, 100):
                parts = cluster(kind, total // ranks, ranks, gigabits, captions)
                cells = " | ".join(f"{part:.2f} s" for part in parts)
                print(f"| {name} | {total} | {gigabits} | {cells} | {100 * parts[0] / sum(parts):.0f} % |")


def main(path):
    runs = [json.loads(line) for line in open(path)]
    fitted = [run for run in runs if run["use"] == "fit"]
    parameters = fit(fitted)
    for name, value in zip(PARAMETERS, parameters):
        print(f"{name}: {value:.3g}")
    show("fitted", fitted, parameters)
    show("checked", [run for run in runs if run["use"] == "check"], parameters)
    for ranks, captions in ((64, 16), (8, 16), (64, 2)):
        show_clusters(ranks, captions)


main(sys.argv[1])
