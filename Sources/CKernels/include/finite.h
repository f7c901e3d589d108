// Where the first NaN or infinity of a run of numbers stands. Embeddings are scanned once when they are
// written or opened for training, so that a bad row is named before it turns every weight into NaN.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Index of the first non-finite of `count` floats, or `count` when all are finite. They need not be aligned.
size_t capstan_first_nonfinite_float(const void *values, size_t count);

// The same for IEEE 754 half precision.
size_t capstan_first_nonfinite_half(const void *values, size_t count);
