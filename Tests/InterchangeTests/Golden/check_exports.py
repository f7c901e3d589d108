"""Checks that PyTorch, ClipCap's model and transformers take what `capstan checkpoint export` writes.

    pip install -r requirements.txt
    python check_exports.py PATH_OF_CAPSTAN

Imports the golden models, exports each in every format, and compares names, bits and logits.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer, GPT2LMHeadModel

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from make_models import C, LONG, MLP, ClipCap, Linear, TransformerMapper  # noqa: E402

CASES = [('mlp.pt', C, MLP), ('linear.pt', LONG, Linear), ('transformer.pt', C, TransformerMapper)]


def same(state, original):
    assert state.keys() == original.keys(), state.keys() ^ original.keys()
    for name, value in state.items():
        assert value.dtype == original[name].dtype and torch.equal(value, original[name]), name


@torch.no_grad()
def check(capstan, folder, file, sizes, mapper):
    def run(*arguments):
        subprocess.run([capstan, 'checkpoint', *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)

    folder = folder / file
    folder.mkdir()
    imported = folder / 'model'
    run('import', HERE / file, '--tokenizer', HERE / 'vocabulary', '--encoder', 'toy', '--heads', 2,
        '--mapper-heads', 2, '--out', imported)
    for out in ['state.pt', 'state.safetensors']:
        run('export', imported, '--out', folder / out)
    run('export', imported, '--format', 'huggingface', '--out', folder / 'gpt2')

    original = torch.load(HERE / file, weights_only=True)
    state = torch.load(folder / 'state.pt', weights_only=True)
    same(state, original)
    head, table = state['gpt.lm_head.weight'], state['gpt.transformer.wte.weight']
    assert head.data_ptr() == table.data_ptr(), 'the tied head is a second copy'
    same(load_file(folder / 'state.safetensors'),
         {name: value for name, value in original.items() if 'lm_head' not in name})

    model = ClipCap(sizes, mapper)
    model.load_state_dict(state, strict=True)
    expected = load_file(HERE / 'expected.safetensors')
    batch = dict(embeddings=expected['batch/embeddings'], padded=expected['batch/tokens'].long())
    logits = expected[f'{Path(file).stem}/logits']
    assert torch.allclose(model(batch).reshape(logits.shape), logits, rtol=0, atol=1e-5 * logits.abs().max())

    language_model = GPT2LMHeadModel.from_pretrained(folder / 'gpt2', attn_implementation='eager')
    inputs = dict(input_ids=batch['padded'])
    assert torch.equal(language_model(**inputs).logits, model.gpt(**inputs).logits)
    print(f'{file}: state dicts, ClipCap and transformers agree')


@torch.no_grad()
def check_language_model(capstan, folder, name):
    """A language model alone: imported, exported, and read by transformers."""
    for command in [
            ['import', HERE / name, '--tokenizer', HERE / 'vocabulary', '--out', folder / name],
            ['export', folder / name, '--format', 'huggingface', '--out', folder / f'{name}-exported']]:
        subprocess.run([capstan, 'checkpoint', *map(str, command)], check=True, stdout=subprocess.DEVNULL)
    original = AutoModelForCausalLM.from_pretrained(HERE / name)
    exported = AutoModelForCausalLM.from_pretrained(folder / f'{name}-exported')
    assert type(exported) is type(original)
    same(exported.state_dict(), original.state_dict())
    read = AutoTokenizer.from_pretrained(folder / f'{name}-exported')
    assert read('a dog<|endoftext|>').input_ids == [64, 220, 67, 78, 70, 256] and read.eos_token == '<|endoftext|>'
    tokens = load_file(HERE / 'expected.safetensors')['batch/tokens'].long()
    assert torch.equal(exported(tokens).logits, original(tokens).logits)
    print(f'{name}: transformers reads what it wrote')


def main():
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            check(Path(sys.argv[1]).resolve(), Path(folder), *case)
        for name in ['gpt2', 'llama', 'qwen2', 'qwen3']:
            check_language_model(Path(sys.argv[1]).resolve(), Path(folder), name)


if __name__ == '__main__':
    main()
