"""Makes the language models llama/, qwen2/ and qwen3/ beside this script as transformers writes them, llama.gguf as
llama.cpp does, and what transformers says of each.

    pip install -r requirements.txt && python make_language_models.py

All are tiny: 2 layers of width 24, and the vocabulary in vocabulary/. qwen2 has a head of its own and is in shards with an
index; qwen3 is in bfloat16; llama.gguf has a head of its own, and matrices in float16.

    language-models.safetensors    NAME/logits [4 · 6, vocabulary], float32, computed in float64 from the weights as the
                                   files have them: of each of the batch/tokens of expected.safetensors after an end of
                                   text and the tokens before it
"""

import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import torch
from gguf import GGUFWriter
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / 'ModelsTests' / 'Golden'))
from make_golden import LanguageModel, llama, modern, qwen2, qwen3, randomize  # noqa: E402
from make_models import C as SIZES  # noqa: E402

C = SimpleNamespace(**vars(SIZES) | dict(n_embd=24))


MODULES = {
    'input_layernorm': 'attn_norm', 'self_attn.q_proj': 'attn_q', 'self_attn.k_proj': 'attn_k', 'self_attn.v_proj': 'attn_v',
    'self_attn.o_proj': 'attn_output', 'post_attention_layernorm': 'ffn_norm', 'mlp.gate_proj': 'ffn_gate',
    'mlp.up_proj': 'ffn_up', 'mlp.down_proj': 'ffn_down'}
OUTSIDE = {'model.embed_tokens': 'token_embd', 'model.norm': 'output_norm', 'lm_head': 'output'}


def gguf_name(name):
    module = name.removesuffix('.weight')
    if module in OUTSIDE:
        return f'{OUTSIDE[module]}.weight'
    _, _, layer, module = module.split('.', 3)
    return f'blk.{layer}.{MODULES[module]}.weight'


def write_gguf(path, model):
    """With the rows of queries and keys in llama.cpp's order: the two elements that turn together side by side."""
    c = model.config
    writer = GGUFWriter(path, 'llama')
    writer.add_block_count(c.num_hidden_layers)
    writer.add_context_length(c.max_position_embeddings)
    writer.add_embedding_length(c.hidden_size)
    writer.add_feed_forward_length(c.intermediate_size)
    writer.add_head_count(c.num_attention_heads)
    writer.add_head_count_kv(c.num_key_value_heads)
    writer.add_rope_freq_base(c.rope_parameters['rope_theta'])
    writer.add_rope_dimension_count(c.head_dim)
    writer.add_layer_norm_rms_eps(c.rms_norm_eps)
    vocabulary = json.loads((HERE / 'vocabulary' / 'vocab.json').read_text())
    writer.add_tokenizer_model('gpt2')
    writer.add_tokenizer_pre('gpt-2')
    writer.add_token_list(sorted(vocabulary, key=vocabulary.get))
    writer.add_token_types([1] * (len(vocabulary) - 1) + [3])
    writer.add_eos_token_id(C.end)
    for name, weight in model.state_dict().items():
        for part, heads in [('q_proj', c.num_attention_heads), ('k_proj', c.num_key_value_heads)]:
            if part in name:
                weight = weight.view(heads, 2, -1, weight.shape[1]).transpose(1, 2).reshape(weight.shape)
        writer.add_tensor(gguf_name(name), (weight.half() if weight.ndim == 2 else weight.float()).numpy())
    for write in [writer.write_header_to_file, writer.write_kv_data_to_file, writer.write_tensors_to_file, writer.close]:
        write()


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

    torch.manual_seed(3)
    model = LanguageModel(C)
    model.gpt = modern(
        SimpleNamespace(**vars(C) | dict(n_positions=128)), LlamaConfig, LlamaForCausalLM, num_attention_heads=6, num_key_value_heads=2, tie_word_embeddings=False,
        rope_parameters=dict(rope_type='default', rope_theta=500.0))
    randomize(model, C.end)
    model = model.gpt
    for weight in model.parameters():
        if weight.ndim == 2:
            weight.copy_(weight.half().float())
    write_gguf(HERE / 'llama.gguf', model)
    expected['llama.gguf/logits'] = model.double()(inputs).logits.reshape(-1, C.vocab_size).float()
    save_file(expected, HERE / 'language-models.safetensors')


if __name__ == '__main__':
    main()
