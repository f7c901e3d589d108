// Products of bfloat16 matrices with sums in float32, the form in which every matrix product of training runs:
// c = a · b, or what an epilogue makes of it.
//
// The unit is a *pair*: two bfloat16 numbers that stand next to each other along the inner dimension, in one 32-bit
// word, the earlier in the lower half. Operands stand in *steps* of 32 x 32 numbers, 2 KB, that a product walks from
// front to back:
//   tiles   left operand   [panel of 32 rows][step of 32 columns][32 rows][16 pairs of columns]
//   panels  right operand  [panel of 32 columns][step of 32 rows][16 pairs of rows][32 columns]
// A batch whose rows are the inner dimension is *turned* into a left operand: the tiles of its transpose.
//
// What is read beyond a product's own rows and columns, and so must be there: whole steps of both operands. In them the
// inner dimension is zero behind its end; of rows and columns behind the last it does not matter what they hold, save
// that the columns of a right operand are zero where tiles are made of the product. Of a result nothing is touched but
// its rows and columns; of tiles, each of these rows in its whole step.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  CAPSTAN_PANEL = 32,  // rows or columns
  CAPSTAN_PAIRS = 16,  // of a step
  CAPSTAN_STEP = 512,  // words: 32 x 16 pairs
};

// What becomes of the sums. Sums of an activation, and what it makes of them, exist rounded alone.
typedef enum {
  CAPSTAN_FLOATS,      // c = sum + bias + addend
  CAPSTAN_GELU,        // y = gelu(x) of x = sum + bias, where x is rounded first, and kept
  CAPSTAN_RELU,        // the same functions
  CAPSTAN_TANH,
  CAPSTAN_GELU_SLOPE,  // y = sum * the slope of the activation at the x that was kept
  CAPSTAN_RELU_SLOPE,
  CAPSTAN_TANH_SLOPE,
  CAPSTAN_EPILOGUES,
} capstan_epilogue;

// A range of the inner dimension whose sum is computed on its own. It starts with a step.
typedef struct {
  size_t first_step, pairs;
} capstan_lane;

typedef struct {
  const uint32_t *a;  // tiles
  size_t a_panel;     // words from one panel to the next
  const uint32_t *b;  // panels
  size_t b_panel;
  size_t rows, columns;
  // The sums of lanes are added in the fixed balanced tree. At most 65,536.
  const capstan_lane *lanes;
  size_t lane_count;

  capstan_epilogue epilogue;
  const float *bias;  // [columns], or NULL

  float *c;  // floats: rows c_stride apart
  size_t c_stride;
  const float *addend;  // like c, and c itself where the product is added to it; or NULL
  bool streams;         // past the caches: for large results that are read much later

  uint32_t *y;  // tiles, y_panel words from one panel to the next
  size_t y_panel;
  uint32_t *kept;  // x, tiles like y: written by activations unless it is NULL, read by slopes
} capstan_product;
