"""Makes layers.safetensors beside this script: what PyTorch and transformers say of single layers.

    pip install -r requirements.txt && python make_golden.py

Inputs and weights are float32. Everything expected is computed from them in float64 and rounded to float32 at the end,
so the whole tolerance of a comparison belongs to the implementation that is tested.

The names are LAYER/x for what goes in, LAYER/dy for the gradient of what comes out, LAYER/y and LAYER/dx for what is
expected, LAYER/NAME for a parameter and LAYER/dNAME for its gradient.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from transformers import LlamaConfig
from transformers.activations import ACT2FN
from transformers.models.llama.modeling_llama import (
    LlamaMLP, LlamaRMSNorm, LlamaRotaryEmbedding, apply_rotary_pos_emb)

torch.manual_seed(16)
golden = {}


def draw(*shape):
    """Numbers that float32 holds, in float64 and with a gradient."""
    return torch.randn(*shape).double().requires_grad_()


def keep(layer, **tensors):
    for name, tensor in tensors.items():
        tensor = tensor.detach().float() if tensor.is_floating_point() else tensor.int()
        golden[f'{layer}/{name}'] = tensor.contiguous()


def keep_gradients(layer, y, x, **parameters):
    dy = torch.randn(y.shape).double()
    gradients = torch.autograd.grad(y, [x, *parameters.values()], dy)
    keep(layer, x=x, y=y, dy=dy, dx=gradients[0], **parameters)
    keep(layer, **{'d' + name: g for name, g in zip(parameters, gradients[1:])})


for name in ['silu', 'quick_gelu']:
    x = (3 * draw(4, 30)).detach().requires_grad_()
    keep_gradients(name, ACT2FN[name](x), x)

norm = LlamaRMSNorm(24, eps=1e-5)
norm.weight = nn.Parameter(draw(24))
norm.double()
x = draw(5, 24)
# The module itself goes through float32; its formula in float64.
y = norm.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + norm.variance_epsilon))
assert torch.allclose(y, norm(x).double(), atol=1e-5)
keep_gradients('rms_norm', y, x, scale=norm.weight)

# The deviation that torch.std has by default, epsilon beside it.
x, scale, shift = draw(5, 24), draw(24), draw(24)
y = scale * (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + 1e-6) + shift
keep_gradients('layer_norm_sample', y, x, scale=scale, shift=shift)

positions = torch.tensor([[0, 1, 2, 5, 11, 100]])
config = LlamaConfig(
    hidden_size=32, num_attention_heads=4, num_key_value_heads=2, intermediate_size=40, max_position_embeddings=128,
    rope_parameters={'rope_type': 'default', 'rope_theta': 100000.0})
queries, keys = draw(6, 32), draw(6, 16)
cosines, sines = LlamaRotaryEmbedding(config)(queries[None], positions)
rotated = apply_rotary_pos_emb(
    queries.view(1, 6, 4, 8).transpose(1, 2), keys.view(1, 6, 2, 8).transpose(1, 2), cosines.double(), sines.double())
for name, x, y in zip(['rotary_queries', 'rotary_keys'], [queries, keys], rotated):
    keep_gradients(name, y.transpose(1, 2).reshape(x.shape), x)
keep('rotary', positions=positions[0])

mlp = LlamaMLP(config).double()
x = draw(5, 32)
keep_gradients(
    'gated_feed_forward', mlp(x), x, gate=mlp.gate_proj.weight, expand=mlp.up_proj.weight,
    contract=mlp.down_proj.weight)

# A batch-norm in evaluation, places as rows.
norm = nn.BatchNorm2d(6).double().eval().requires_grad_(False)
for tensor in [norm.weight, norm.bias, norm.running_mean]:
    tensor.copy_(torch.randn(6))
norm.running_var.copy_(torch.rand(6) + 0.5)
x = draw(18, 6)
y = norm(x.view(2, 3, 3, 6).permute(0, 3, 1, 2)).permute(0, 2, 3, 1).reshape(18, 6)
keep_gradients('frozen_batch_norm', y, x)
keep('frozen_batch_norm', weight=norm.weight, bias=norm.bias, running_mean=norm.running_mean,
     running_var=norm.running_var)

convolution = nn.Conv2d(3, 10, kernel_size=4, stride=4).double()
x = draw(2, 3, 8, 12)
y = convolution(x).flatten(2).transpose(1, 2).reshape(12, 10)
keep_gradients('patch_embedding', y, x, weight=convolution.weight, bias=convolution.bias)

# Vaswani et al. 2017, section 3.5.
position, pair = torch.arange(12).double()[:, None], torch.arange(0, 16, 2).double()
table = torch.zeros(12, 16).double()
table[:, 0::2] = torch.sin(position / 10000 ** (pair / 16))
table[:, 1::2] = torch.cos(position / 10000 ** (pair / 16))
keep('sinusoid', y=table)

# The gates in the order i, j, f, o, and 1 added to the forget gate; PyTorch has i, f, j, o.
lengths, inputs, width = [4, 1, 3, 2, 5], 7, 9
kernel, recurrent, bias = draw(inputs, 4 * width), draw(width, 4 * width), draw(4 * width)


def in_torch_order(weight):
    i, j, f, o = weight.chunk(4, dim=-1)
    ordered = torch.cat([i, f, j, o], dim=-1)
    return ordered.T if weight.ndim == 2 else ordered


lstm = nn.LSTM(inputs, width, batch_first=True).double()
forget = torch.cat([torch.zeros(width), torch.ones(width), torch.zeros(2 * width)]).double()
x = draw(sum(lengths), inputs)
padded = nn.utils.rnn.pad_sequence(x.split(lengths), batch_first=True)
packed = pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=False)
weights = {
    'weight_ih_l0': in_torch_order(kernel), 'weight_hh_l0': in_torch_order(recurrent),
    'bias_ih_l0': in_torch_order(bias) + forget, 'bias_hh_l0': torch.zeros(4 * width).double()}
y, (hidden, cell) = torch.func.functional_call(lstm, weights, (packed,))
y, _ = pad_packed_sequence(y, batch_first=True)
y = torch.cat([row[:length] for row, length in zip(y, lengths)])
keep_gradients('lstm', y, x, kernel=kernel, recurrent=recurrent, bias=bias)
keep('lstm', lengths=torch.tensor(lengths), hidden=hidden[0], cell=cell[0])

# Four heads of queries over two of a memory, with a bias for each query, key and head; and over their own rows, causal.
heads, key_heads, width = 4, 2, 6


def attend(queries, keys, values, **options):
    split = [x.unflatten(-1, (-1, width)).transpose(0, 1) for x in (queries, keys, values)]
    y = nn.functional.scaled_dot_product_attention(*split, enable_gqa=True, **options)
    return y.transpose(0, 1).flatten(1)


lengths, memory_lengths = [3, 1, 4], [5, 2, 7]
pairs = [q * k for q, k in zip(lengths, memory_lengths)]
queries = draw(sum(lengths), heads * width)
keys, values = draw(sum(memory_lengths), key_heads * width), draw(sum(memory_lengths), key_heads * width)
bias = draw(sum(pairs), heads)
y = torch.cat([
    attend(q, k, v, attn_mask=b.view(len(q), len(k), heads).permute(2, 0, 1)) for q, k, v, b in zip(
        queries.split(lengths), keys.split(memory_lengths), values.split(memory_lengths), bias.split(pairs))])
keep_gradients('cross_attention', y, queries, keys=keys, values=values, bias=bias)
keep('cross_attention', lengths=torch.tensor(lengths), memory_lengths=torch.tensor(memory_lengths))
keys, values = draw(sum(lengths), key_heads * width), draw(sum(lengths), key_heads * width)
y = torch.cat([
    attend(q, k, v, is_causal=True) for q, k, v in zip(
        queries.split(lengths), keys.split(lengths), values.split(lengths))])
keep_gradients('causal_attention', y, queries, keys=keys, values=values)

# The mean over the targets, each smoothed over the vocabulary.
x, table, targets = draw(7, 10), draw(11, 10), torch.randint(11, [7])
loss = nn.functional.cross_entropy(x @ table.T, targets, label_smoothing=0.1)
dx, dtable = torch.autograd.grad(loss, [x, table])
keep('label_smoothing', x=x, table=table, targets=targets, loss=loss[None], dx=dx, dtable=dtable)

save_file(golden, Path(__file__).with_name('layers.safetensors'))
