"""Times beam search with transformers' `generate` and its cache; prints a JSON object for each batch of images."""
import argparse, json, runpy, time

parser = argparse.ArgumentParser()
parser.add_argument("--bfloat16", action="store_true", help="weights and activations")
parser.add_argument("--steps", type=int, default=12, help="batches")
parser.add_argument("--batch", type=int, default=20, help="images")
parser.add_argument("--beams", type=int, default=5)
parser.add_argument("--tokens", type=int, default=20)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--prelude", help="a Python file to run first")
arguments = parser.parse_args()
if arguments.prelude:
    runpy.run_path(arguments.prelude)

import torch
from transformers import GPT2Config, GPT2LMHeadModel

torch.set_num_threads(arguments.threads)
torch.manual_seed(0)
model = GPT2LMHeadModel(GPT2Config()).eval()
if arguments.bfloat16:
    model = model.bfloat16()


@torch.no_grad()
def generate(inputs):
    model.generate(
        inputs_embeds=inputs, attention_mask=torch.ones(len(inputs), 10), num_beams=arguments.beams,
        max_new_tokens=arguments.tokens, min_new_tokens=arguments.tokens, do_sample=False, pad_token_id=50256)


for _ in range(arguments.steps):
    prefixes = torch.randn(arguments.batch, 10, 768).to(model.dtype)
    start = time.perf_counter()
    generate(prefixes)
    print(json.dumps({"items": arguments.batch, "seconds": time.perf_counter() - start}), flush=True)
