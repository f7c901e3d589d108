// A product's tile in vectors of 16 floats. The instruction set says how many rows' sums its registers hold
// (TILE_ROWS, 1 to 12) and how it adds the products of pairs (add_pair_products).
#define TILES_BEGIN()
#define TILES_END()
#define FILLS_TILE(rows) true

INLINE void tile_of(const size_t rows, float *c, size_t c_stride, const uint32_t *a, size_t a_row, size_t a_pair,
                    const uint32_t *b, size_t pairs, bool accumulate) {
  vector sums[TILE_ROWS][2];
  for (size_t r = 0; r < rows; r++)
    for (size_t half = 0; half < 2; half++)
      sums[r][half] = accumulate ? load(c + r * c_stride + half * LANES, LANES) : splat(0);
  for (size_t k = 0; k < pairs; k++, a += a_pair, b += CAPSTAN_PANEL) {
    words right[2];
    memcpy(right, b, sizeof right);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      words left = (words){0} + a[r * a_row];
      sums[r][0] = add_pair_products(sums[r][0], left, right[0]);
      sums[r][1] = add_pair_products(sums[r][1], left, right[1]);
    }
  }
  for (size_t r = 0; r < rows; r++)
    for (size_t half = 0; half < 2; half++) store(c + r * c_stride + half * LANES, sums[r][half], LANES);
}

// One copy for each number of rows: only then do all sums stay in registers.
static void tile(float *c, size_t c_stride, const uint32_t *a, size_t a_row, size_t a_pair, const uint32_t *b,
                 size_t rows, size_t pairs, bool accumulate) {
#define ROWS(N) \
  if (N <= TILE_ROWS && rows == N) tile_of(N <= TILE_ROWS ? N : 1, c, c_stride, a, a_row, a_pair, b, pairs, accumulate);
  ROWS(1) ROWS(2) ROWS(3) ROWS(4) ROWS(5) ROWS(6) ROWS(7) ROWS(8) ROWS(9) ROWS(10) ROWS(11) ROWS(12)
#undef ROWS
}
