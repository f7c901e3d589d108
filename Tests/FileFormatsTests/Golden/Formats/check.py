"""Has PyTorch read what Capstan wrote: TorchWritingTests holds every run against these bytes.

    pip install -r requirements.txt && python check.py
"""
import torch

state = torch.load("written.pt", weights_only=True)
for name in ["float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"]:
    tensor = state[f"of.{name}"]
    assert tensor.dtype == getattr(torch, name) and tensor.shape == (2, 3) and tensor.is_contiguous(), name
    expected = bytes(k % 2 if name == "bool" else (k * 37 + 11) % 256 for k in range(6 * tensor.element_size()))
    assert bytes(tensor.untyped_storage()) == expected, name
assert state["scalar"].item() == 7 and state["empty"].shape == (0, 5)
assert state["tied"].data_ptr() == state["of.float32"].data_ptr()
assert torch.equal(torch.load("written.pt", mmap=True)["tied"], state["tied"])
assert list(state)[-2:] == ["empty", "tied"]
print("PyTorch", torch.__version__, "reads written.pt")
