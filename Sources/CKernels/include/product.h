// Products of bfloat16 matrices with sums in float32, the form in which every matrix product of training runs.
//
// The unit is a *pair*: two bfloat16 numbers that stand next to each other along the inner dimension, in one 32-bit
// word, the earlier in the lower half. The right operand is packed in panels of 32 columns, [panel][pair][32]. The left
// one is packed in the same way (then it is read as its transpose) or row-major; strides tell which.
//
// What is read beyond a product's own rows, columns and pairs, and so must be there:
// - pairs up to a multiple of 16, in both operands, which are zero;
// - of a packed operand, columns up to a multiple of 32, whatever they hold;
// - of a row-major left operand, rows up to a multiple of 32, counted from the product's first, whatever they hold.
// Of the result nothing is touched but its rows and columns.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CAPSTAN_PANEL = 32, CAPSTAN_PAIRS = 16 };

typedef struct {
  float *c;
  size_t c_stride;
  const uint32_t *a;  // pair k of row m is a[m / 32 * a_panel + m % 32 * a_row + k * a_pair]
  size_t a_panel, a_row, a_pair;
  const uint32_t *b;  // pair k of column n is b[n / 32 * b_panel + k * 32 + n % 32]
  size_t b_panel;
  size_t rows, columns;
} capstan_product;

// A range of pairs of the inner dimension.
typedef struct {
  size_t first, count;
} capstan_segment;
