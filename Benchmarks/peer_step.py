"""Times ClipCap's training step on PyTorch; prints a JSON object for each. Under torchrun: data-parallel by gloo."""
import argparse, json, os, runpy, time

parser = argparse.ArgumentParser()
parser.add_argument("--frozen", action="store_true")
parser.add_argument("--bfloat16", action="store_true", help="autocast")
parser.add_argument("--padded", action="store_true", help="to 38 tokens as the reference does, not to the longest")
parser.add_argument("--compile", action="store_true")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--batch", type=int, default=40)
parser.add_argument("--steps", type=int, default=12, help="how many")
parser.add_argument("--prelude", help="a Python file to run first")
arguments = parser.parse_args()
if arguments.prelude:
    runpy.run_path(arguments.prelude)

import torch
from torch.nn import functional as F
from peer_model import EMBEDDING, PREFIX, ClipCap

LONGEST = 38
ranks = int(os.environ.get("WORLD_SIZE", "1"))
torch.set_num_threads(arguments.threads)
torch.manual_seed(0)
model = ClipCap(arguments.frozen)
if ranks > 1:
    torch.distributed.init_process_group("gloo")
    model = torch.nn.parallel.DistributedDataParallel(model)
if arguments.compile:
    model = torch.compile(model)
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-5)
random = torch.Generator().manual_seed(1 + int(os.environ.get("RANK", "0")))


def batch(size):
    lengths = (torch.randn(size, generator=random) * 2.6 + 12).round().clamp(6, LONGEST).long()
    width = LONGEST if arguments.padded else int(lengths.max())
    present = torch.arange(width) < lengths[:, None]
    tokens = torch.randint(1, 50257, (size, width), generator=random) * present
    mask = torch.cat([torch.ones(size, PREFIX), present.float()], 1)
    return tokens, mask, torch.randn(size, EMBEDDING, generator=random)


def step(tokens, mask, embeddings):
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast("cpu", torch.bfloat16, enabled=arguments.bfloat16):
        logits = model(tokens, mask, embeddings)
    loss = F.cross_entropy(logits.flatten(0, 1).float(), tokens.flatten(), ignore_index=0)
    loss.backward()
    optimizer.step()


for _ in range(arguments.steps):
    inputs = batch(arguments.batch // ranks)
    start = time.perf_counter()
    step(*inputs)
    seconds = time.perf_counter() - start
    if ranks == 1 or torch.distributed.get_rank() == 0:
        print(json.dumps({"items": arguments.batch, "seconds": seconds}), flush=True)
