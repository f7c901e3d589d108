// All kernels, once, and the table of them: each instruction set's file includes this under its own target, with TILE
// the header of its tile of a product.
#include "kernels.h"
#include "vector.h"

#include "elementwise.h"
#include "dropout.h"
#include "layer_norm.h"
#include "rms_norm.h"
#include "rotate.h"
#include "lstm.h"
#include "softmax.h"
#include "attention.h"
#include "adamw.h"
#include "bfloat16.h"
#include "epilogue.h"
#include "cached_attention.h"
#include "largest.h"
#include TILE
#include "multiply.h"

#define KERNELS(NAME)                                           \
  {                                                             \
    .name = NAME,                                               \
    .add = add,                                                 \
    .product = product,                                         \
    .scale = scale,                                             \
    .shift = shift,                                             \
    .sum = sum_of,                                              \
    .scale_columns = scale_columns,                             \
    .fill_rows = fill_rows,                                     \
    .column_sums = column_sums,                                 \
    .sum_of_squares = sum_of_squares,                           \
    .gelu = gelu,                                               \
    .gelu_gradient = gelu_gradient,                             \
    .silu = silu,                                               \
    .silu_gradient = silu_gradient,                             \
    .quick_gelu = quick_gelu,                                   \
    .quick_gelu_gradient = quick_gelu_gradient,                 \
    .relu = relu,                                               \
    .relu_gradient = relu_gradient,                             \
    .tanh = hyperbolic_tangents,                                \
    .tanh_gradient = tanh_gradient,                             \
    .dropout = drop,                                            \
    .layer_norm = layer_norm,                                   \
    .layer_norm_gradient = layer_norm_gradient,                 \
    .layer_norm_parameter_gradients = layer_norm_parameter_gradients, \
    .layer_norm_unbiased = layer_norm_unbiased,                 \
    .layer_norm_unbiased_gradient = layer_norm_unbiased_gradient, \
    .rms_norm = rms_norm,                                       \
    .rms_norm_gradient = rms_norm_gradient,                     \
    .rms_norm_parameter_gradient = rms_norm_parameter_gradient, \
    .rotate = rotate,                                           \
    .lstm = lstm,                                               \
    .lstm_gradient = lstm_gradient,                             \
    .attention = attention,                                     \
    .attention_gradient = attention_gradient,                   \
    .cached_attention = cached_attention,                       \
    .log_sum_exp = log_sum_exp,                                 \
    .exponentials = exponentials,                               \
    .keep_largest = keep_largest,                               \
    .adamw = adamw,                                             \
    .round_rows = round_rows,                                   \
    .pack_rows = pack_rows,                                     \
    .pack_columns = pack_columns,                               \
    .round_tiles = round_tiles,                                 \
    .widen_tiles = widen_tiles,                                 \
    .sum_tiles = sum_tiles,                                     \
    .pack_tiles = pack_tiles,                                   \
    .multiply = multiply,                                       \
  }
