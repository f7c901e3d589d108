// The hot loops of float32 training, behind one table per instruction set.
//
// Every kernel is written once, over vectors of 16 floats (kernels/vector.h), and compiled for each instruction set:
// one AVX-512 register, two of AVX2, four of SSE or NEON. Sums are kept in 16 partial sums that are added in one fixed
// tree, and contraction to fused multiply-add is off, so all copies give the same bits.
//
// A kernel reads and writes the elements that its shapes and strides name and nothing between, before or behind them,
// at any alignment of their type. Where operands are padded, its comment or product.h says so.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "product.h"

// Which numbers dropout draws: element i of a sample's block at a site in a step takes word i % 4 of
// philox(seed, {i / 4, sample, step, site}).
typedef struct {
  uint64_t seed;
  uint32_t step, sample, site;
  float probability;
} capstan_dropout;

// One head of one sequence. Rows are `*_stride` floats apart; query i sees keys 0 ..< min(keys, i + visible).
typedef struct {
  const float *query, *key, *value;
  size_t query_stride, key_stride, value_stride;
  size_t queries, keys, width;  // width of a head
  size_t visible;               // keys that query 0 sees: 1 for a causal start, `keys` for no mask
  float scale;
  const capstan_dropout *dropout;  // NULL: none
  size_t dropout_offset;           // element number of this head's first probability within the sample's block
  const float *bias;               // [queries, keys], added to the scaled scores; NULL: none
  float *bias_gradient;            // the same shape, overwritten by the gradient; NULL: not wanted
} capstan_attention_head;

// Keys beside values of earlier tokens, each in a row of its own: 2 * key_heads * width floats, or as many bfloat16.
typedef struct {
  const void *const *rows;
  size_t count, heads, key_heads, width;  // width of a head
  float scale;
  bool rounded;
} capstan_cached_rows;

typedef struct {
  float learning_rate, beta1, beta2, epsilon, weight_decay;
  float one_minus_beta1, one_minus_beta2;            // rounded from double: 1 - beta in float is off by 1e-5
  float bias_correction1, bias_correction2;  // 1 - beta^t
  float gradient_scale;                      // clipping of the norm
  float clip_value;         // the largest magnitude of an element of the gradient, behind that; INFINITY: none
  bool decay_after_update;  // Hugging Face's old AdamW: decay last, epsilon added before the bias correction
} capstan_adamw;

typedef struct {
  const char *name;

  void (*add)(float *sum, const float *a, const float *b, size_t count);
  // y = a * b, element by element.
  void (*product)(float *y, const float *a, const float *b, size_t count);
  void (*scale)(float *x, float factor, size_t count);
  // x += addend, in place.
  void (*shift)(float *x, float addend, size_t count);
  float (*sum)(const float *x, size_t count);
  // y = x * scale + shift. x, y: [rows, columns]; scale, shift: [columns]; shift NULL: none
  void (*scale_columns)(float *y, const float *x, const float *scale, const float *shift, size_t rows,
                        size_t columns);
  void (*fill_rows)(float *y, const float *row, size_t rows, size_t columns);
  // sums: [columns], over rows in order. x: [rows, columns], rows stride floats apart
  void (*column_sums)(float *sums, const float *x, size_t rows, size_t columns, size_t stride);
  // The sum of squares of at most a block of floats, in double.
  double (*sum_of_squares)(const float *x, size_t count);

  void (*gelu)(float *y, const float *x, size_t count);
  void (*gelu_gradient)(float *dx, const float *dy, const float *x, size_t count);
  void (*silu)(float *y, const float *x, size_t count);
  void (*silu_gradient)(float *dx, const float *dy, const float *x, size_t count);
  void (*quick_gelu)(float *y, const float *x, size_t count);
  void (*quick_gelu_gradient)(float *dx, const float *dy, const float *x, size_t count);
  void (*relu)(float *y, const float *x, size_t count);
  void (*relu_gradient)(float *dx, const float *dy, const float *y, size_t count);
  void (*tanh)(float *y, const float *x, size_t count);
  void (*tanh_gradient)(float *dx, const float *dy, const float *y, size_t count);
  // y = addend + x * mask / (1 - probability), or without an addend where that is NULL. y may be any of the others.
  void (*dropout)(float *y, const float *addend, const float *x, size_t count, const capstan_dropout *dropout);

  // x, y: [rows, columns]; mean, inverse_deviation: [rows]
  void (*layer_norm)(float *y, float *mean, float *inverse_deviation, const float *x, const float *scale,
                     const float *shift, float epsilon, size_t rows, size_t columns);
  // dx: the gradient, added to the addend where that is not NULL; dx may be the addend.
  void (*layer_norm_gradient)(float *dx, const float *addend, const float *dy, const float *x, const float *mean,
                              const float *inverse_deviation, const float *scale, size_t rows, size_t columns);
  // d_scale, d_shift: [columns], over rows in order.
  void (*layer_norm_parameter_gradients)(float *d_scale, float *d_shift, const float *dy, const float *x,
                                         const float *mean, const float *inverse_deviation, size_t rows,
                                         size_t columns);
  // The same with the deviation of a sample, whose squares are divided by columns - 1 >= 1, and epsilon added to it
  // instead of to the variance. The parameters' gradients are layer_norm's.
  void (*layer_norm_unbiased)(float *y, float *mean, float *inverse_deviation, const float *x, const float *scale,
                              const float *shift, float epsilon, size_t rows, size_t columns);
  void (*layer_norm_unbiased_gradient)(float *dx, const float *addend, const float *dy, const float *x, const float *mean,
                                       const float *inverse_deviation, const float *scale, float epsilon,
                                       size_t rows, size_t columns);
  // x, y: [rows, columns]; inverse_root: [rows]
  void (*rms_norm)(float *y, float *inverse_root, const float *x, const float *scale, float epsilon, size_t rows,
                   size_t columns);
  void (*rms_norm_gradient)(float *dx, const float *dy, const float *x, const float *inverse_root, const float *scale,
                            size_t rows, size_t columns);
  // d_scale: [columns], over rows in order.
  void (*rms_norm_parameter_gradient)(float *d_scale, const float *dy, const float *x, const float *inverse_root,
                                      size_t rows, size_t columns);
  // Turns the pairs (k, k + half) of every head of one row by the angles whose cosines and sines are given, or by
  // direction = -1 back. x, y: [heads, 2, half]; cosines, sines: [half]; y may be x
  void (*rotate)(float *y, const float *x, const float *cosines, const float *sines, float direction, size_t heads,
                 size_t half);

  // One step of one sequence through an LSTM. gates: [4, width], in the order input, candidate, forget, output: sums
  // before the call, behind sigmoid or tanh after it. cell, hidden, previous_cell: [width]
  void (*lstm)(float *gates, float *cell, float *hidden, const float *previous_cell, float forget_bias, size_t width);
  // gates and cell: of that step after the call. d_gates: [4, width], of the sums; d_cell: in, what the next step hands
  // back; out, what the previous one gets.
  void (*lstm_gradient)(float *d_gates, float *d_cell, const float *d_hidden, const float *gates, const float *cell,
                        const float *previous_cell, size_t width);

  // out: [queries, width], rows out_stride apart; probabilities: [queries, keys], before dropout.
  // scratch: [width, 16] and [queries, keys + 15]
  void (*attention)(float *out, size_t out_stride, float *probabilities, float *scratch,
                    const capstan_attention_head *head);
  // d_query, d_key, d_value have the strides of query, key and value and are overwritten.
  // scratch: [width, 16], [queries, keys + 15] and, where there is dropout, [2, queries, keys]
  void (*attention_gradient)(float *d_query, float *d_key, float *d_value, const float *d_out, size_t out_stride,
                             const float *probabilities, float *scratch, const capstan_attention_head *head);

  // All heads of one query over the rows of a cache. out, query: [heads, width]; probabilities: scratch of `count`.
  void (*cached_attention)(float *out, float *probabilities, const float *query, const capstan_cached_rows *cache);

  // The largest of `count` floats, and the sum of exp(x - largest).
  void (*log_sum_exp)(const float *x, size_t count, float *largest, float *sum);
  // x = exp(x - shift) * factor, in place.
  void (*exponentials)(float *x, size_t count, float shift, float factor);
  // Takes x into the `limit` largest numbers of a series, of which `kept` are there: largest first and equal ones in
  // order; NaN is never among them. places: of each in the series, x's from `first` on. Returns how many there are now.
  size_t (*keep_largest)(float *values, uint32_t *places, size_t kept, size_t limit, const float *x, size_t count,
                         uint32_t first);

  void (*adamw)(float *parameter, float *moment1, float *moment2, const float *gradient, size_t count,
                const capstan_adamw *options);

  // Rounding to bfloat16, to nearest. y: [rows, stride], zero beyond the columns, stride a multiple of 16.
  void (*round_rows)(uint16_t *y, size_t stride, const float *x, size_t x_stride, size_t rows, size_t columns);
  // x packed as a right operand whose inner dimension are the rows of x: panels `panel` words apart, the pairs behind
  // the last row and the columns behind the last up to a multiple of 32 zero.
  void (*pack_rows)(uint32_t *y, size_t panel, size_t pairs, const float *x, size_t x_stride, size_t rows,
                    size_t columns);
  // At most 32 rows of x packed as the columns of one panel, whose inner dimension are the columns of x: all 32 columns
  // and pairs up to a multiple of 16 are written.
  void (*pack_columns)(uint32_t *y, const float *x, size_t x_stride, size_t rows, size_t columns);
  // Rows of x rounded into rows `first` ... of tiles, whose panels are `panel` words apart; zero behind the columns up to
  // a multiple of 32.
  void (*round_tiles)(uint32_t *tiles, size_t panel, size_t first, const float *x, size_t x_stride, size_t rows,
                      size_t columns);
  // The floats that rows of tiles stand for; y: [rows, columns], rows y_stride apart.
  void (*widen_tiles)(float *y, size_t y_stride, const uint32_t *tiles, size_t panel, size_t first, size_t rows,
                      size_t columns);
  // sums: [columns], over rows `first` ... of tiles in order.
  void (*sum_tiles)(float *sums, const uint32_t *tiles, size_t panel, size_t first, size_t rows, size_t columns);
  // Rows `first` ... of tiles as the inner dimension, from the first step of y on: panels or, turned, the tiles of their
  // transpose. Whole steps are read but for rows, and written; zero behind the last row.
  void (*pack_tiles)(uint32_t *y, size_t y_panel, const uint32_t *tiles, size_t panel, size_t first, size_t rows,
                     size_t columns, bool turns);

  void (*multiply)(const capstan_product *product);
} capstan_kernels;

// The table of an instruction set ("amx", "avx512bf16", "avx512", "avx2", "portable"), or NULL where this processor
// lacks it. "amx-emulated" runs the program of AMX's tiles everywhere, for tests.
const capstan_kernels *capstan_kernels_named(const char *name);
