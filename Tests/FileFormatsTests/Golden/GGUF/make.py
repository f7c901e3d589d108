"""Makes types.gguf beside this script, a tensor of each type that Capstan reads, and types.safetensors, what the package
gguf says that each holds.

    pip install -r requirements.txt && python make.py

Blocks are random bytes, with scales that are finite. refused.gguf has a tensor of a type that is not read.
"""

from pathlib import Path

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType as Type, GGUFWriter, dequantize
from safetensors.numpy import save_file

HERE = Path(__file__).parent
TYPES = ['Q8_0', 'Q4_0', 'Q4_1', 'Q5_0', 'Q5_1', 'Q4_K', 'Q5_K', 'Q6_K', 'F16', 'BF16', 'F32', 'F64']
# Where the halves of a block are that must be finite.
SCALES = {'Q8_0': [0], 'Q4_0': [0], 'Q4_1': [0, 2], 'Q5_0': [0], 'Q5_1': [0, 2], 'Q4_K': [0, 2], 'Q5_K': [0, 2],
          'Q6_K': [208]}
random = np.random.default_rng(17)


def blocks(kind, rows, width):
    numbers, size = GGML_QUANT_SIZES[kind]
    values = random.integers(0, 256, (rows * width // numbers, size), dtype=np.uint8)
    for offset in SCALES[kind.name]:
        halves = random.normal(0, 0.1, len(values)).astype(np.float16)
        values[:, offset:offset + 2] = halves.view(np.uint8).reshape(-1, 2)
    return values.reshape(rows, -1)


def main():
    writer, expected = GGUFWriter(HERE / 'types.gguf', 'llama'), {}
    writer.add_uint32('test.integer', 4_000_000_000)
    writer.add_int64('test.negative', -5)
    writer.add_float32('test.number', 0.5)
    writer.add_bool('test.boolean', True)
    writer.add_string('test.string', 'kʼaʼ')
    writer.add_array('test.strings', ['a', '', 'Ġb'])
    writer.add_array('test.integers', [3, -1])
    for name in TYPES:
        kind = Type[name]
        if name in SCALES:
            data = blocks(kind, 3, 512)
            writer.add_tensor(name, data, raw_dtype=kind)
            expected[name] = dequantize(data, kind).astype(np.float32)
        else:
            values = random.normal(size=(3, 5)).astype(np.float32)
            if name == 'BF16':
                data = (values.view(np.uint32) >> 16).astype(np.uint16)
                writer.add_tensor(name, data.view(np.uint8), raw_dtype=kind)
                expected[name] = (data.astype(np.uint32) << 16).view(np.float32)
            else:
                data = values.astype({'F16': np.float16, 'F32': np.float32, 'F64': np.float64}[name])
                writer.add_tensor(name, data)
                expected[name] = data.astype(np.float32)
    for write in [writer.write_header_to_file, writer.write_kv_data_to_file, writer.write_tensors_to_file, writer.close]:
        write()
    save_file(expected, HERE / 'types.safetensors')

    writer = GGUFWriter(HERE / 'refused.gguf', 'llama')
    writer.add_tensor('weight', random.integers(0, 256, (1, 84), dtype=np.uint8), raw_dtype=Type.Q2_K)
    for write in [writer.write_header_to_file, writer.write_kv_data_to_file, writer.write_tensors_to_file, writer.close]:
        write()


if __name__ == '__main__':
    main()
