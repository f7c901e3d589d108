"""Makes the language models llama/, qwen2/ and qwen3/ beside this script as transformers writes them, and what it says of
each.

    pip install -r requirements.txt && python make_language_models.py

All are tiny: 2 layers of width 24, and the vocabulary in vocabulary/. qwen2 has a head of its own and is in shards with an
index; qwen3 is in bfloat16.

    language-models.safetensors    NAME/logits [4 · 6, vocabulary], float32, computed in float64 from the weights as the
                                   files have them: of each of the batch/tokens of expected.safetensors after an end of
                                   text and the tokens before it
"""

import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / 'ModelsTests' / 'Golden'))
from make_golden import LanguageModel, llama, qwen2, qwen3, randomize  # noqa: E402
from make_models import C as SIZES  # noqa: E402

C = SimpleNamespace(**vars(SIZES) | dict(n_embd=24))


@torch.no_grad()
def main():
    tokens = load_file(HERE / 'expected.safetensors')['batch/tokens'].long()
    inputs = torch.cat([torch.full((len(tokens), 1), C.end), tokens[:, :-1]], 1)
    expected = {}
    for seed, (make, shards, dtype) in enumerate([
            (llama, None, torch.float32), (qwen2, '20KB', torch.float32), (qwen3, None, torch.bfloat16)]):
        torch.manual_seed(seed)
        model = LanguageModel(C)
        model.gpt = make(C)
        randomize(model, C.end)
        model = model.gpt.to(dtype)
        folder = HERE / make.__name__
        shutil.rmtree(folder, ignore_errors=True)
        model.save_pretrained(folder, **(dict(max_shard_size=shards) if shards else {}))
        read = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float64)
        expected[f'{make.__name__}/logits'] = read(inputs).logits.reshape(-1, C.vocab_size).float()
    save_file(expected, HERE / 'language-models.safetensors')


if __name__ == '__main__':
    main()
