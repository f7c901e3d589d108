"""ClipCap in PyTorch with random weights, after the published recipe (Mokady et al. 2021)."""
import torch
from torch import nn
from torch.nn import functional as F
from transformers import GPT2Config, GPT2LMHeadModel

EMBEDDING, WIDTH, PREFIX, CLIP = 512, 768, 10, 10


class MLPMapper(nn.Sequential):
    def __init__(self):
        inner = WIDTH * PREFIX // 2
        super().__init__(nn.Linear(EMBEDDING, inner), nn.Tanh(), nn.Linear(inner, WIDTH * PREFIX))

    def forward(self, embeddings):
        return super().forward(embeddings).view(-1, PREFIX, WIDTH)


class Block(nn.Module):
    heads = 8

    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.queries = nn.Linear(WIDTH, WIDTH, bias=False)
        self.keys_values = nn.Linear(WIDTH, 2 * WIDTH, bias=False)
        self.project = nn.Linear(WIDTH, WIDTH)
        self.expand, self.contract = nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(2 * WIDTH, WIDTH)

    def forward(self, x):
        def split(y):
            return y.unflatten(-1, (self.heads, -1)).transpose(1, 2)

        y = self.norm1(x)
        keys, values = self.keys_values(y).chunk(2, -1)
        attended = F.scaled_dot_product_attention(split(self.queries(y)), split(keys), split(values))
        x = x + self.project(attended.transpose(1, 2).flatten(2))
        return x + self.contract(F.relu(self.expand(self.norm2(x))))


class TransformerMapper(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(EMBEDDING, CLIP * WIDTH)
        self.constant = nn.Parameter(torch.randn(PREFIX, WIDTH))
        self.blocks = nn.Sequential(*(Block() for _ in range(8)))

    def forward(self, embeddings):
        clip = self.linear(embeddings).view(-1, CLIP, WIDTH)
        constant = self.constant.expand(len(clip), -1, -1)
        return self.blocks(torch.cat([clip, constant], 1))[:, CLIP:]


class ClipCap(nn.Module):
    """frozen: a transformer maps to a GPT-2 that is not trained and drops nothing."""

    def __init__(self, frozen):
        super().__init__()
        self.gpt = GPT2LMHeadModel(GPT2Config())
        self.mapper = TransformerMapper() if frozen else MLPMapper()
        self.train()
        if frozen:
            self.gpt.eval().requires_grad_(False)

    def forward(self, tokens, mask, embeddings):
        inputs = torch.cat([self.mapper(embeddings), self.gpt.transformer.wte(tokens)], 1)
        return self.gpt(inputs_embeds=inputs, attention_mask=mask).logits[:, PREFIX - 1 : -1]
