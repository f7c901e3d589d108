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
PARAMETERS = ("seconds per operation", "seconds per activation", "seconds per updated parameter", "seconds of a step",
              "seconds per byte through a host's stack", "of the bandwidth that is reached", "seconds of a message")


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
    return math.ceil(trained / BUCKET) * (math.log2(hosts) + hosts - 1) + 8 * (hosts * ranks - 1)


def step_seconds(run, parameters):
    operation, activation, update, fixed, stack, reached, message = parameters
    hosts, ranks = run["hosts"], run["hosts"] * run["ranks"]
    cores = min(ranks, CORES)
    rows = run["tokens"] + run["batch"] * PREFIX
    compute = (operation * operations(run) + activation * rows * run["width"] * LAYERS) / cores
    summed, shared = traffic(run["trained"], hosts, run["tokens"] * run["width"] * 4)
    wire = 8e-6 / (run["megabits"] * reached) if run["megabits"] else 0
    # All hosts' stacks are worked by the same cores here; the wires are each host's own.
    summing, sharing = (size * (stack * hosts / cores + wire) for size in (summed, shared))
    backward = compute * 2 / 3
    return (compute - backward + max(backward, summing) + update * run["trained"] / cores + sharing + fixed
            + message * messages(run["trained"], hosts, run["ranks"]))


def fit(runs):
    start = numpy.log([1e-11, 1e-9, 1e-9, 1e-3, 1e-9, 0.9, 1e-5])

    def residuals(logarithms):
        return [math.log(step_seconds(run, numpy.exp(logarithms)) / run["seconds"]) for run in runs]

    upper = numpy.array([0, 0, 0, 0, 0, 0.0, 0]) + numpy.log([1e-8, 1e-6, 1e-6, 1, 1e-7, 1, 1e-2])
    return numpy.exp(least_squares(residuals, start, bounds=(numpy.log(1e-14), upper + 1e-9), loss="soft_l1", f_scale=0.1).x)


def show(title, runs, parameters):
    print(f"\n{title}\n| hosts × ranks | Mb/s | parameters | captions | measured | model | model / measured |")
    print("|---|---|---|---|---|---|---|")
    for run in runs:
        predicted = step_seconds(run, parameters)
        print(f"| {run['hosts']} × {run['ranks']} | {run['megabits'] or '-'} | {run['trained'] / 1e6:.1f} M | {run['batch']} | "
              f"{run['seconds']:.3f} s | {predicted:.3f} s | {predicted / run['seconds']:.2f} |")


# GPT-2 124M, as docs/benchmarks.md measured it on one rank of one core: seconds of a caption, parameters, bytes.
CLUSTER_RANK = {"captions": 16, "tokens": 12, "width": 768, "message": 20e-6, "small message": 2e-6}
KINDS = {
    "fine-tune, float32": {"caption": 2 / 18.2, "trained": 155.9e6, "gradient": 4, "weight": 4, "rows": True, "memory": 40e-12},
    "fine-tune, bfloat16": {"caption": 2 / 36.4, "trained": 155.9e6, "gradient": 4, "weight": 2.5, "rows": True, "memory": 40e-12},
    "the same, gradients rounded": {"caption": 2 / 36.4, "trained": 155.9e6, "gradient": 2, "weight": 2.5, "rows": True, "memory": 40e-12},
    "frozen, bfloat16": {"caption": 2 / 51.5, "trained": 43.0e6, "gradient": 4, "weight": 2, "rows": False, "memory": 40e-12},
}


def cluster(kind, hosts, ranks, gigabits):
    """Seconds of a step's parts, each rank with its own captions: computing, sums beyond backward, weights, messages."""
    compute = CLUSTER_RANK["captions"] * kind["caption"]
    total = hosts * ranks
    tokens = CLUSTER_RANK["captions"] * CLUSTER_RANK["tokens"] * total
    rows = tokens * CLUSTER_RANK["width"] * 4 * kind["rows"]
    summed, shared = traffic(kind["trained"], hosts, rows, kind["gradient"], kind["weight"])
    wire = 8e-9 / (gigabits * 0.94)
    count = 0 if hosts == 1 else math.ceil(kind["trained"] / BUCKET) * (math.log2(hosts) + hosts - 1)
    latency = CLUSTER_RANK["message"] * count + CLUSTER_RANK["small message"] * 8 * (total - 1)
    return compute, max(0, summed * wire - compute * 2 / 3), shared * wire, latency


def main(path):
    runs = [json.loads(line) for line in open(path)]
    fitted = [run for run in runs if run["use"] == "fit"]
    parameters = fit(fitted)
    for name, value in zip(PARAMETERS, parameters):
        print(f"{name}: {value:.3g}")
    show("fitted", fitted, parameters)
    show("checked", [run for run in runs if run["use"] == "check"], parameters)
    for ranks in (8, 64):
        print(f"\n{ranks} ranks a host\n| kind | ranks | hosts | Gb/s | compute | sums | weights | messages | efficiency |")
        print("|---|---|---|---|---|---|---|---|---|")
        for name, kind in KINDS.items():
            for total in (64, 256, 1024):
                for gigabits in (10, 25, 100):
                    parts = cluster(kind, total // ranks, ranks, gigabits)
                    cells = " | ".join(f"{part:.2f} s" for part in parts)
                    print(f"| {name} | {total} | {total // ranks} | {gigabits} | {cells} | {parts[0] / sum(parts):.0%} |")


main(sys.argv[1])
