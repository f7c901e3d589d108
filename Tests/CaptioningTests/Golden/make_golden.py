"""Makes beam.json beside this script: what beam search of transformers finds for the golden models of
Tests/ModelsTests.

    pip install -r requirements.txt && python make_golden.py

For each model and each exponent of the length normalisation: the best caption of every image, the token that ended
it included. early_stopping="never" is the search that goes on as long as a better caption can be found.
"""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import torch
from safetensors import safe_open

HERE = Path(__file__).parent
MODELS = HERE.parent.parent / 'ModelsTests' / 'Golden'
sys.path.insert(0, str(MODELS))
from make_golden import MLP, ClipCap, TransformerMapper  # noqa: E402


def search(name, mapper, exponents):
    with safe_open(MODELS / f'{name}.safetensors', 'pt') as file:
        c = SimpleNamespace(**json.loads(file.metadata()['configuration']))
        tensors = {key: file.get_tensor(key) for key in file.keys()}
    model = ClipCap(c, mapper).eval()
    weights = {key.removeprefix('weights/'): value for key, value in tensors.items() if key.startswith('weights/')}
    missing = model.load_state_dict(weights, strict=False)
    assert missing.missing_keys == ['gpt.lm_head.weight'] and not missing.unexpected_keys, missing
    model.gpt.tie_weights()
    model = model.double()
    prefix = model.prefix(tensors['batch/embeddings'].double())
    captions = {}
    for exponent in exponents:
        rows = model.gpt.generate(
            inputs_embeds=prefix, attention_mask=torch.ones(prefix.shape[:2]), num_beams=c.beams,
            max_new_tokens=c.steps, do_sample=False, length_penalty=exponent, early_stopping='never',
            eos_token_id=c.end, pad_token_id=-1).tolist()
        captions[str(exponent)] = [[token for token in row if token >= 0] for row in rows]
    return captions


if __name__ == '__main__':
    torch.set_num_threads(1)
    exponents = [0.0, 0.7, 1.0, 2.0]
    found = {
        'mlp-finetune': search('mlp-finetune', MLP, exponents),
        'transformer-finetune': search('transformer-finetune', TransformerMapper, exponents)}
    (HERE / 'beam.json').write_text(json.dumps(found).replace(']], ', ']],\n') + '\n')
