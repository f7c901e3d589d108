"""Makes the golden files beside this script: what PyTorch and transformers say of tiny random models.

    pip install -r requirements.txt && python make_golden.py [CASE …]

Weights and batches are float32. Everything expected is computed from them in float64 and rounded to float32
at the end, so the whole tolerance of a comparison belongs to the implementation that is tested.

One file per case: mlp-finetune, mlp-frozen, transformer-finetune, transformer-frozen (ClipCap over GPT-2),
language-model (GPT-2 alone), and mlp-llama, mlp-qwen2, mlp-qwen3 (ClipCap over these, whose config.json, as transformers
writes it, stands beside). The sizes stand in the metadata under "configuration", as JSON.

    weights/NAME             float32  the state dict: ClipCap's names, or the language model's; no tied head
    batch/embeddings         float32  [captions, clip_width]; ClipCap only
    batch/tokens             int32    [sum of lengths], the captions one after the other
    batch/lengths            int32    [captions]
    expected/logits          float32  [targets, vocab], the rows that have a target, in the order of the batch
    expected/loss            float32  cross entropy, the mean over all targets
    expected/loss_ignore_zero         the same without the targets whose id is 0, as ClipCap has it
    expected/gradient_norm   float32  of all trainable parameters together
    gradients/NAME           float32  of `loss`, for every trainable parameter
    expected/losses_adamw    float32  [20], each before its update: torch.optim.AdamW on this batch
    expected/losses_hf       float32  [20], Hugging Face's former AdamW
    expected/losses_clipped  float32  [20], torch.optim.AdamW after clipping to `clip_norm`
    expected/greedy          int32    [captions, steps], filled up with -1; the stop token is part of it
    expected/greedy_lengths  int32    [captions]
    expected/beam            int32    [captions, beams, steps], best first, filled up with -1
    expected/beam_lengths    int32    [captions, beams]
    expected/beam_scores     float32  [captions, beams], mean log-probability of a token

ClipCap's targets are the captions' own tokens. The language model reads [end] + tokens and its targets are
tokens + [end].
"""

import copy
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn
from transformers import (
    GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM, Qwen3Config,
    Qwen3ForCausalLM)

CONFIGURATION = dict(
    n_layer=2, n_embd=24, n_head=4, n_positions=64, vocab_size=97, layer_norm_epsilon=1e-5,
    clip_width=24, prefix_length=4, clip_length=3, mapper_layers=2, mapper_heads=4,
    end=5, steps=12, beams=5, learning_rate=1e-3, weight_decay=0.01,
    clip_norm=0.5)
LENGTHS = [3, 9, 1, 6, 4, 8, 2, 5, 7, 4, 6]


class MLP(nn.Module):
    def __init__(self, c):
        super().__init__()
        width, hidden, out = c.clip_width, c.n_embd * c.prefix_length // 2, c.n_embd * c.prefix_length
        self.model = nn.Sequential(nn.Linear(width, hidden), nn.Tanh(), nn.Linear(hidden, out))

    def forward(self, x):
        return self.model(x)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.scale = heads, (width // heads) ** -0.5
        self.to_queries = nn.Linear(width, width, bias=False)
        self.to_keys_values = nn.Linear(width, 2 * width, bias=False)
        self.project = nn.Linear(width, width)

    def forward(self, x):
        b, n, c = x.shape
        queries = self.to_queries(x).reshape(b, n, self.heads, c // self.heads)
        keys, values = self.to_keys_values(x).reshape(b, n, 2, self.heads, c // self.heads).unbind(2)
        attention = (torch.einsum('bnhd,bmhd->bnmh', queries, keys) * self.scale).softmax(2)
        return self.project(torch.einsum('bnmh,bmhd->bnhd', attention, values).reshape(b, n, c))


class FeedForward(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


class Layer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(width), Attention(width, heads)
        self.norm2, self.mlp = nn.LayerNorm(width), FeedForward(width)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Transformer(nn.Module):
    def __init__(self, width, heads, layers):
        super().__init__()
        self.layers = nn.ModuleList(Layer(width, heads) for _ in range(layers))

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class TransformerMapper(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.clip_length = c.clip_length
        self.linear = nn.Linear(c.clip_width, c.clip_length * c.n_embd)
        self.prefix_const = nn.Parameter(torch.randn(c.prefix_length, c.n_embd))
        self.transformer = Transformer(c.n_embd, c.mapper_heads, c.mapper_layers)

    def forward(self, x):
        x = self.linear(x).view(len(x), self.clip_length, -1)
        constant = self.prefix_const.expand(len(x), *self.prefix_const.shape)
        return self.transformer(torch.cat([x, constant], 1))[:, self.clip_length:]


def gpt2(c):
    return GPT2LMHeadModel(GPT2Config(
        n_layer=c.n_layer, n_embd=c.n_embd, n_head=c.n_head, n_positions=c.n_positions,
        vocab_size=c.vocab_size, layer_norm_epsilon=c.layer_norm_epsilon, activation_function='gelu_new',
        resid_pdrop=0, embd_pdrop=0, attn_pdrop=0, bos_token_id=c.end, eos_token_id=c.end,
        attn_implementation='eager'))


def modern(c, configuration, model, **options):
    return model(configuration(
        hidden_size=c.n_embd, intermediate_size=40, num_hidden_layers=c.n_layer, max_position_embeddings=c.n_positions,
        vocab_size=c.vocab_size, bos_token_id=c.end, eos_token_id=c.end, pad_token_id=None, attn_implementation='eager',
        **options))


def llama(c):
    """Three heads share one of the keys; positions beyond 16 are scaled, as Llama 3.1 does beyond 8,192."""
    rotary = dict(
        rope_type='llama3', rope_theta=500.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
        original_max_position_embeddings=16)
    return modern(
        c, LlamaConfig, LlamaForCausalLM, num_attention_heads=6, num_key_value_heads=2, rope_parameters=rotary,
        tie_word_embeddings=True)


def qwen2(c):
    return modern(
        c, Qwen2Config, Qwen2ForCausalLM, num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=False)


def qwen3(c):
    """Heads that are wider together than the model."""
    return modern(
        c, Qwen3Config, Qwen3ForCausalLM, num_attention_heads=4, num_key_value_heads=2, head_dim=8,
        tie_word_embeddings=True)


class ClipCap(nn.Module):
    def __init__(self, c, mapper, language_model=gpt2):
        super().__init__()
        self.prefix_length, self.width = c.prefix_length, c.n_embd
        self.gpt, self.clip_project = language_model(c), mapper(c)

    def prefix(self, embeddings):
        return self.clip_project(embeddings).view(-1, self.prefix_length, self.width)

    def forward(self, batch):
        """The logits [captions, longest, vocab] that predict each token of the padded captions."""
        words = self.gpt.get_input_embeddings()(batch['padded'])
        inputs = torch.cat([self.prefix(batch['embeddings'].to(words.dtype)), words], 1)
        return self.gpt(inputs_embeds=inputs).logits[:, self.prefix_length - 1:-1]


class LanguageModel(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.gpt = gpt2(c)

    def forward(self, batch):
        return self.gpt(batch['inputs']).logits


def randomize(model, end):
    """Every weight a value of its own: no zero biases, no unit gains. The end token is made likelier, so that
    decoding meets it."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            if 'ln_' in name or 'norm' in name:
                p.normal_(1 if name.endswith('weight') else 0, 0.2)
            elif 'wte' in name or 'wpe' in name or 'embed_tokens' in name:
                p.normal_(0, 0.4)
            else:
                p.normal_(0, 0.15 if p.dim() == 2 else 0.1)
        if hasattr(model.gpt, 'transformer'):
            transformer = model.gpt.transformer
            transformer.wte.weight[end] += 2 * transformer.ln_f.bias
        else:
            model.gpt.lm_head.weight[end] *= 2


def make_batch(c):
    captions = [torch.randint(c.vocab_size, (length,)) for length in LENGTHS]
    captions[1][[2, 6]] = captions[1][0].clone()  # a token that comes again
    captions[3][2] = captions[5][7] = captions[9][0] = 0  # real tokens of id 0
    end = torch.tensor([c.end])
    pad = lambda rows: nn.utils.rnn.pad_sequence(rows, batch_first=True)
    return dict(
        embeddings=torch.randn(len(LENGTHS), c.clip_width), captions=captions, padded=pad(captions),
        inputs=pad([torch.cat([end, x]) for x in captions]),
        continued=[torch.cat([x, end]) for x in captions])


def packed(logits, targets):
    """The rows of `logits` that have a target, and those targets."""
    rows = torch.cat([row[:len(target)] for row, target in zip(logits, targets)])
    return rows, torch.cat(targets)


class FormerAdamW(torch.optim.Optimizer):
    """The AdamW of transformers before version 5 (correct_bias=True), which ClipCap trained with: epsilon is
    added to the root of the uncorrected second moment, and the decay comes after the step."""

    def __init__(self, parameters, lr, betas=(0.9, 0.999), eps=1e-6, weight_decay=0):
        super().__init__(parameters, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            (beta1, beta2), lr = group['betas'], group['lr']
            for p in group['params']:
                state = self.state[p]
                if not state:
                    state.update(step=0, m=torch.zeros_like(p), v=torch.zeros_like(p))
                state['step'] += 1
                state['m'].mul_(beta1).add_(p.grad, alpha=1 - beta1)
                state['v'].mul_(beta2).addcmul_(p.grad, p.grad, value=1 - beta2)
                corrected = lr * (1 - beta2 ** state['step']) ** 0.5 / (1 - beta1 ** state['step'])
                p.addcdiv_(state['m'], state['v'].sqrt().add_(group['eps']), value=-corrected)
                p.add_(p, alpha=-lr * group['weight_decay'])


def train(model, optimizer_class, loss_of, c, clip_norm=None):
    model = copy.deepcopy(model)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = optimizer_class(parameters, lr=c.learning_rate, weight_decay=c.weight_decay)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = loss_of(model)
        loss.backward()
        if clip_norm:
            nn.utils.clip_grad_norm_(parameters, clip_norm)
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses)


@torch.no_grad()
def greedy(model, embedding, stop, steps):
    generated, tokens = model.prefix(embedding[None]), []
    while len(tokens) < steps and stop not in tokens:
        token = model.gpt(inputs_embeds=generated).logits[0, -1].argmax()
        tokens.append(token.item())
        generated = torch.cat([generated, model.gpt.get_input_embeddings()(token)[None, None]], 1)
    return tokens


@torch.no_grad()
def beam(model, embedding, stop, steps, beams):
    """ClipCap's generate_beam at temperature 1: the hypotheses best first, and their scores."""
    generated = model.prefix(embedding[None])
    lengths, stopped = torch.ones(beams), torch.zeros(beams, dtype=torch.bool)
    tokens = scores = None
    for _ in range(steps):
        log_probabilities = model.gpt(inputs_embeds=generated).logits[:, -1].log_softmax(-1)
        if scores is None:
            scores, next_tokens = log_probabilities[0].topk(beams)
            tokens, generated = next_tokens[:, None], generated.expand(beams, -1, -1)
        else:
            log_probabilities[stopped] = -torch.inf
            log_probabilities[stopped, 0] = 0
            sums = scores[:, None] + log_probabilities
            lengths[~stopped] += 1
            averages, best = (sums / lengths[:, None]).view(-1).topk(beams)
            source, next_tokens = best // sums.shape[1], best % sums.shape[1]
            lengths, stopped, generated = lengths[source], stopped[source], generated[source]
            tokens = torch.cat([tokens[source], next_tokens[:, None]], 1)
            scores = averages * lengths
        generated = torch.cat([generated, model.gpt.get_input_embeddings()(next_tokens)[:, None]], 1)
        stopped = stopped | (next_tokens == stop)
        if stopped.all():
            break
    scores = scores / lengths
    order = scores.argsort(descending=True)
    return [tokens[i, :int(lengths[i])].tolist() for i in order], scores[order]


def decode(model, batch, c):
    embeddings = batch['embeddings'].to(next(model.parameters()).dtype)
    searched = [beam(model, x, c.end, c.steps, c.beams) for x in embeddings]
    return [greedy(model, x, c.end, c.steps) for x in embeddings], [h for h, _ in searched], \
        torch.stack([s for _, s in searched])


def filled(rows, steps):
    return torch.tensor([row + [-1] * (steps - len(row)) for row in rows])


def make_case(name, c, model, seed, frozen=False):
    model = model(c)
    torch.manual_seed(seed)
    randomize(model, c.end)
    batch = make_batch(c)
    captioner = isinstance(model, ClipCap)
    if frozen:
        model.gpt.requires_grad_(False)
    trained = dict(model.named_parameters())
    weights = {key: value.clone() for key, value in model.state_dict().items() if key in trained}
    single, model = model, copy.deepcopy(model).double()

    targets = batch['captions' if captioner else 'continued']
    loss_of = lambda model: F.cross_entropy(*packed(model(batch), targets))
    logits, flat = packed(model(batch), targets)
    loss = loss_of(model)
    loss.backward()
    gradients = {key: p.grad for key, p in model.named_parameters() if p.requires_grad}
    expected = dict(
        logits=logits, loss=loss, loss_ignore_zero=F.cross_entropy(logits, flat, ignore_index=0),
        gradient_norm=torch.stack([g.norm() for g in gradients.values()]).norm(),
        losses_adamw=train(model, torch.optim.AdamW, loss_of, c),
        losses_hf=train(model, FormerAdamW, loss_of, c),
        losses_clipped=train(model, torch.optim.AdamW, loss_of, c, c.clip_norm))
    assert expected['gradient_norm'] > 2 * c.clip_norm
    assert (expected['losses_clipped'] - expected['losses_adamw']).abs().max() > 1e-3

    if captioner:
        captions, hypotheses, scores = decode(model, batch, c)
        assert (captions, hypotheses) == decode(single, batch, c)[:2], 'a near tie: take another seed'
        flat_hypotheses = [h for image in hypotheses for h in image]
        count = lambda rows: torch.tensor([len(row) for row in rows])
        assert len(count(captions).unique()) > 2 and len(count(flat_hypotheses).unique()) > 2
        expected |= dict(
            greedy=filled(captions, c.steps), greedy_lengths=count(captions),
            beam=filled(flat_hypotheses, c.steps).view(-1, c.beams, c.steps),
            beam_lengths=count(flat_hypotheses).view(-1, c.beams), beam_scores=scores)

    # GPT-2 alone goes by the names of its own state dict.
    plain = (lambda key: key) if captioner else (lambda key: key.removeprefix('gpt.'))
    tensors = {f'weights/{plain(key)}': value for key, value in weights.items()}
    tensors |= {'batch/tokens': torch.cat(batch['captions']), 'batch/lengths': torch.tensor(LENGTHS)}
    if captioner:
        tensors['batch/embeddings'] = batch['embeddings']
    tensors |= {f'expected/{key}': value.detach() for key, value in expected.items()}
    tensors |= {f'gradients/{plain(key)}': value for key, value in gradients.items()}
    tensors = {
        key: value.to(torch.float32 if value.is_floating_point() else torch.int32).contiguous()
        for key, value in tensors.items()}
    path = Path(__file__).with_name(f'{name}.safetensors')
    save_file(tensors, path, metadata=dict(configuration=json.dumps(vars(c))))
    if captioner and not isinstance(model.gpt, GPT2LMHeadModel):
        path.with_suffix('.json').write_text(model.gpt.config.to_json_string())
    print(f'{path.name}: {path.stat().st_size} bytes, loss {loss:.6f}, after 20 steps '
          f'{expected["losses_adamw"][-1]:.6f}, gradient norm {expected["gradient_norm"]:.3f}')


CASES = {
    'mlp-finetune': dict(model=lambda c: ClipCap(c, MLP), seed=24),
    'mlp-frozen': dict(model=lambda c: ClipCap(c, MLP), frozen=True, seed=16),
    'transformer-finetune': dict(model=lambda c: ClipCap(c, TransformerMapper), seed=20),
    'transformer-frozen': dict(model=lambda c: ClipCap(c, TransformerMapper), frozen=True, seed=16),
    'language-model': dict(model=LanguageModel, seed=5),
    'mlp-llama': dict(model=lambda c: ClipCap(c, MLP, llama), seed=1),
    'mlp-qwen2': dict(model=lambda c: ClipCap(c, MLP, qwen2), seed=1),
    'mlp-qwen3': dict(model=lambda c: ClipCap(c, MLP, qwen3), seed=2),
}


def main():
    c = SimpleNamespace(**CONFIGURATION)
    torch.set_num_threads(1)
    for name in sys.argv[1:] or CASES:
        make_case(name, c, **CASES[name])


if __name__ == '__main__':
    main()
