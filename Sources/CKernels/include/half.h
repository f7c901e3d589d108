// 16-bit floating-point numbers to single precision, which holds every one of them exactly. Sources need not
// be aligned.
#pragma once
#include <stddef.h>

// IEEE 754 half precision, by F16C's instructions where the processor has them.
void capstan_half_to_float(const void *halves, float *floats, size_t count);

// The same without special instructions.
void capstan_half_to_float_portable(const void *halves, float *floats, size_t count);

// bfloat16: the upper half of a single-precision number.
void capstan_bfloat16_to_float(const void *values, float *floats, size_t count);
