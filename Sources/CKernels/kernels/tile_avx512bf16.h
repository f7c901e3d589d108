// Sums of a product with AVX-512's instruction for pairs: 12 rows of two vectors, the panel's two vectors and a left pair
// fill the 32 registers.
#define TILE_ROWS 12

INLINE vector add_pair_products(vector sum, words a, words b) {
  typedef __bf16 pairs __attribute__((vector_size(64)));
  return __builtin_ia32_dpbf16ps_512(sum, (pairs)a, (pairs)b);
}

#include "tile_vector.h"
