"""Writes the HDF5 file that the tests of HDF5File read, with h5py: python make.py

Versions: see requirements.txt.
"""

from pathlib import Path

import h5py
import numpy as np

with h5py.File(Path(__file__).parent / "types.h5", "w") as f:
    f.attrs["variable"] = "Straße"
    f.attrs["fixed"] = np.bytes_("Straße".encode())
    f.attrs["padded"] = np.array("ab", dtype=h5py.string_dtype("ascii", 5))
    f.attrs["empty"] = ""
    f.attrs["int32"] = np.int32(-7)
    f.attrs["uint8"] = np.uint8(200)
    f.attrs["true"] = True
    f.attrs["false"] = np.bool_(False)
    f.attrs["one"] = np.array([1])
    f.attrs["two"] = np.array([1, 2])
    f.attrs["float"] = 1.5
    f.attrs["nothing"] = h5py.Empty("S1")
    f["group/int16"] = np.arange(-2, 3, dtype=">i2")
    f.create_dataset("gzip", data=np.arange(1000), compression="gzip", chunks=(77,))
    f.create_dataset("strings", data=["a", "ß", ""] * 50, chunks=(7,), compression="gzip")
    f["empty"] = np.zeros(0, "i8")
    f["matrix"] = np.zeros((2, 3), "f4")
    f["floats"] = np.zeros(3, "f4")
    f["scalar"] = 5
    f.create_dataset("unwritten", (4,), "f4")
    f.create_dataset("boundless", (2**50,), "i8", chunks=(1024,))
