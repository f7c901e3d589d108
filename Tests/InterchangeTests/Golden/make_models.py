"""Makes the models beside this script as PyTorch, transformers and ClipCap's programs write them, and what PyTorch
says of each.

    pip install -r requirements.txt && python make_models.py

All are tiny: 2 layers of width 16 with 2 heads, and the vocabulary in vocabulary/ (bytes and an end of text).

    mlp.pt                 torch.save's zip form, float32, as ClipCap's train.py writes it
    mlp-legacy.pt          the same model in the legacy form
    mlp-half.pt            ... in float16
    mlp-bfloat16.pt        ... in bfloat16
    mlp-distributed.pt     ... with module. before each name and the masks of transformers before 4.30
    mlp-lightning.pt       ... under state_dict, with model. before each name, and an epoch beside it
    mlp.safetensors        ... without the tied head
    linear.pt              predict.py's mapping network for prefixes of more than 10: one linear layer
    transformer.pt         ClipCap's transformer
    mapper.pt              the transformer alone, as ClipCap's --only_prefix might be saved
    gpt2/                  the same GPT-2 by save_pretrained: config.json and model.safetensors
    gpt2-sharded/          ... in shards with an index
    gpt2-bin/              ... pytorch_model.bin
    gpt2-bin-sharded/      ... in shards with an index
    expected.safetensors   batch/embeddings [4, 12], batch/tokens [4, 6], and NAME/logits [4 · 6, vocabulary] of each
                           captioner, float32: computed in float64 from the weights as the file has them
    language-model/logits  [4 · 6, vocabulary]: of each token after an end of text and the tokens before it
"""

import json
import shutil
import sys
from collections import OrderedDict
from pathlib import Path
from types import SimpleNamespace

import torch
from safetensors.torch import save_file
from torch import nn

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / 'ModelsTests' / 'Golden'))
from make_golden import MLP, ClipCap, TransformerMapper, gpt2, randomize  # noqa: E402

C = SimpleNamespace(
    n_layer=2, n_embd=16, n_head=2, n_positions=32, vocab_size=257, layer_norm_epsilon=1e-5, clip_width=12,
    prefix_length=4, clip_length=3, mapper_layers=2, mapper_heads=2, end=256)
LONG = SimpleNamespace(**vars(C) | dict(prefix_length=11))


class Linear(nn.Linear):
    """predict.py: clip_project is the layer itself."""

    def __init__(self, c):
        super().__init__(c.clip_width, c.n_embd * c.prefix_length)


def byte_symbols():
    """How GPT-2 spells the 256 bytes: those that print as themselves, the others from U+0100 on."""
    plain = [*range(ord('!'), ord('~') + 1), *range(ord('¡'), ord('¬') + 1), *range(ord('®'), ord('ÿ') + 1)]
    rest = [byte for byte in range(256) if byte not in plain]
    return [chr(byte) for byte in plain] + [chr(256 + index) for index in range(len(rest))]


def write_vocabulary(folder):
    folder.mkdir(exist_ok=True)
    vocabulary = {symbol: index for index, symbol in enumerate(byte_symbols())} | {'<|endoftext|>': C.end}
    (folder / 'vocab.json').write_text(json.dumps(vocabulary))
    (folder / 'merges.txt').write_text('#version: 0.2\n')


def masks(c):
    mask = torch.ones(c.n_positions, c.n_positions, dtype=torch.uint8).tril()[None, None]
    return {f'gpt.transformer.h.{layer}.attn.{name}': value.clone() for layer in range(c.n_layer)
            for name, value in [('bias', mask), ('masked_bias', torch.tensor(-1e4))]}


def model(c, mapper, seed):
    torch.manual_seed(seed)
    model = ClipCap(c, mapper)
    randomize(model, c.end)
    return model


@torch.no_grad()
def logits(model, batch, dtype=torch.float32):
    """Of the weights rounded to `dtype`, in float64."""
    model.to(dtype).double()
    return model(batch).reshape(-1, C.vocab_size)


def main():
    write_vocabulary(HERE / 'vocabulary')
    torch.manual_seed(1)
    tokens = torch.randint(C.vocab_size, (4, 6))
    batch = dict(embeddings=torch.randn(4, C.clip_width), padded=tokens)
    expected = {'batch/embeddings': batch['embeddings'], 'batch/tokens': tokens.int()}

    mlp = model(C, MLP, seed=2)
    state = mlp.state_dict()
    torch.save(state, HERE / 'mlp.pt')
    torch.save(state, HERE / 'mlp-legacy.pt', _use_new_zipfile_serialization=False)
    for name, dtype in [('half', torch.float16), ('bfloat16', torch.bfloat16)]:
        torch.save(OrderedDict((key, value.to(dtype)) for key, value in state.items()), HERE / f'mlp-{name}.pt')
    torch.save({f'module.{key}': value for key, value in (state | masks(C)).items()}, HERE / 'mlp-distributed.pt')
    torch.save(dict(epoch=3, state_dict={f'model.{key}': value for key, value in state.items()}),
               HERE / 'mlp-lightning.pt')
    save_file({key: value.clone() for key, value in state.items() if 'lm_head' not in key}, HERE / 'mlp.safetensors')
    expected['mlp/logits'] = logits(model(C, MLP, seed=2), batch)
    expected['mlp-half/logits'] = logits(model(C, MLP, seed=2), batch, torch.float16)
    expected['mlp-bfloat16/logits'] = logits(model(C, MLP, seed=2), batch, torch.bfloat16)

    linear = model(LONG, Linear, seed=3)
    torch.save(linear.state_dict(), HERE / 'linear.pt')
    expected['linear/logits'] = logits(linear, batch)

    transformer = model(C, TransformerMapper, seed=4)
    state = transformer.state_dict()
    torch.save(state, HERE / 'transformer.pt')
    torch.save({key: value for key, value in state.items() if key.startswith('clip_project.')}, HERE / 'mapper.pt')
    language_model = transformer.gpt
    for folder in ['gpt2', 'gpt2-sharded', 'gpt2-bin', 'gpt2-bin-sharded']:
        shutil.rmtree(HERE / folder, ignore_errors=True)
    language_model.save_pretrained(HERE / 'gpt2')
    language_model.save_pretrained(HERE / 'gpt2-sharded', max_shard_size='20KB')
    for folder in ['gpt2-bin', 'gpt2-bin-sharded']:
        (HERE / folder).mkdir()
        shutil.copy(HERE / 'gpt2' / 'config.json', HERE / folder)
    state = language_model.state_dict()
    torch.save(state, HERE / 'gpt2-bin' / 'pytorch_model.bin')
    # transformers no longer writes these; this is the layout that it wrote and reads.
    keys = sorted(state)
    shards = {f'pytorch_model-0000{part + 1}-of-00002.bin': keys[part::2] for part in range(2)}
    for file, names in shards.items():
        torch.save({name: state[name].clone() for name in names}, HERE / 'gpt2-bin-sharded' / file)
    weight_map = {name: file for file, names in shards.items() for name in names}
    size = sum(value.numel() * 4 for value in state.values())
    (HERE / 'gpt2-bin-sharded' / 'pytorch_model.bin.index.json').write_text(
        json.dumps(dict(metadata=dict(total_size=size), weight_map=weight_map), indent=2))
    with torch.no_grad():
        starts = torch.full((len(tokens), 1), C.end)
        read = language_model.double()(torch.cat([starts, tokens[:, :-1]], 1)).logits
    expected['language-model/logits'] = read.reshape(-1, C.vocab_size)
    expected['transformer/logits'] = logits(transformer, batch)

    save_file({key: value.float() if value.is_floating_point() else value for key, value in expected.items()},
              HERE / 'expected.safetensors')


if __name__ == '__main__':
    main()
