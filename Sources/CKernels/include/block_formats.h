#ifndef CAPSTAN_BLOCK_FORMATS_H
#define CAPSTAN_BLOCK_FORMATS_H

#include <stddef.h>
#include <stdint.h>

// The block formats of llama.cpp's ggml, by its type numbers. A block is 32 numbers, those named K 256; it has a scale in
// half precision, of some formats a minimum too, and integers of as many bits as the name says.
typedef enum {
  CAPSTAN_Q4_0 = 2,
  CAPSTAN_Q4_1 = 3,
  CAPSTAN_Q5_0 = 6,
  CAPSTAN_Q5_1 = 7,
  CAPSTAN_Q8_0 = 8,
  CAPSTAN_Q4_K = 12,
  CAPSTAN_Q5_K = 13,
  CAPSTAN_Q6_K = 14,
} capstan_block_format;

// values: 32 or 256 a block. The bits are those of the Python package gguf.
void capstan_dequantize(capstan_block_format format, const uint8_t *blocks, size_t count, float *values);

#endif
