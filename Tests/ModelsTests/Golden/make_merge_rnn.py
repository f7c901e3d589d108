"""Makes merge-rnn.safetensors beside this script: what PyTorch and NumPy say of a tiny random Merge-RNN.

    pip install -r requirements.txt && python make_merge_rnn.py

The LSTM is torch.nn.LSTM, whose gates are input, forget, candidate, output, with the 1 that TensorFlow 1's
BasicLSTMCell adds to its forget gate in the bias; Adam in the form of TensorFlow 1 is written here in NumPy. Weights and
batch are float32, everything expected is computed in float64.

    weights/NAME         float32  Capstan's names; the LSTM's gates in the order input, candidate, forget, output
    batch/embeddings     float32  [captions, embedding width]
    batch/tokens         int32    [sum of lengths], the captions one after the other, each ending in 0
    batch/lengths        int32    [captions]
    expected/logits      float32  [sum of lengths, vocabulary]
    expected/loss        float32  cross-entropy, the sum over all tokens
    gradients/NAME       float32  of the loss
    expected/losses      float32  [20], each before its update
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

VOCABULARY, EMBEDDING, WIDTH, LENGTHS = 23, 7, 5, [3, 1, 6, 4, 2, 5]
RATE, BETA1, BETA2, EPSILON = 0.01, 0.9, 0.999, 1e-8

torch.manual_seed(3)
shapes = {
    "image.weight": (WIDTH, EMBEDDING), "image.bias": (WIDTH,), "embedding.weight": (VOCABULARY, WIDTH),
    "lstm.kernel": (WIDTH, 4 * WIDTH), "lstm.recurrent_kernel": (WIDTH, 4 * WIDTH), "lstm.bias": (4 * WIDTH,),
    "head.weight": (VOCABULARY, 2 * WIDTH), "head.bias": (VOCABULARY,),
}
weights = {name: torch.randn(shape) * 0.5 for name, shape in shapes.items()}
embeddings = torch.randn(len(LENGTHS), EMBEDDING)
captions = [torch.cat([torch.randint(1, VOCABULARY, (n - 1,)), torch.zeros(1, dtype=torch.long)]) for n in LENGTHS]


def reordered(gates):
    """Input, candidate, forget, output as input, forget, candidate, output: the last dimension."""
    i, j, f, o = gates.chunk(4, -1)
    return torch.cat([i, f, j, o], -1)


def logits(w):
    rows = []
    zero = torch.zeros(WIDTH, dtype=torch.float64)
    one = torch.cat([zero, zero, zero + 1, zero])
    lstm = torch.nn.LSTM(WIDTH, WIDTH, dtype=torch.float64)
    parameters = {
        "weight_ih_l0": reordered(w["lstm.kernel"]).T, "weight_hh_l0": reordered(w["lstm.recurrent_kernel"]).T,
        "bias_ih_l0": reordered(w["lstm.bias"]), "bias_hh_l0": reordered(one),
    }
    for embedding, caption in zip(embeddings.double(), captions):
        read = torch.cat([torch.zeros(1, dtype=torch.long), caption[:-1]])
        hidden = torch.func.functional_call(lstm, parameters, w["embedding.weight"][read])[0]
        image = w["image.weight"] @ embedding + w["image.bias"]
        rows.append(torch.cat([hidden, image.expand(len(caption), -1)], -1) @ w["head.weight"].T + w["head.bias"])
    return torch.cat(rows)


def step(w):
    w = {name: value.detach().clone().requires_grad_() for name, value in w.items()}
    made = logits(w)
    loss = F.cross_entropy(made, torch.cat(captions), reduction="sum")
    loss.backward()
    return made.detach(), loss.item(), {name: value.grad for name, value in w.items()}


exact = {name: value.double() for name, value in weights.items()}
made, loss, gradients = step(exact)
losses, m, v = [], {n: 0.0 for n in shapes}, {n: 0.0 for n in shapes}
for t in range(1, 21):
    _, now, g = step(exact)
    losses.append(now)
    rate = RATE * np.sqrt(1 - BETA2**t) / (1 - BETA1**t)
    for name in shapes:
        g_ = g[name].numpy()
        m[name] = BETA1 * m[name] + (1 - BETA1) * g_
        v[name] = BETA2 * v[name] + (1 - BETA2) * g_ * g_
        exact[name] = exact[name] - torch.from_numpy(rate * m[name] / (np.sqrt(v[name]) + EPSILON))

tensors = {f"weights/{name}": value for name, value in weights.items()}
tensors |= {f"gradients/{name}": value.float() for name, value in gradients.items()}
tensors |= {
    "batch/embeddings": embeddings, "batch/tokens": torch.cat(captions).int(), "batch/lengths": torch.tensor(LENGTHS).int(),
    "expected/logits": made.float(), "expected/loss": torch.tensor([loss]), "expected/losses": torch.tensor(losses).float(),
}
save_file({name: value.contiguous() for name, value in tensors.items()}, Path(__file__).with_name("merge-rnn.safetensors"))
