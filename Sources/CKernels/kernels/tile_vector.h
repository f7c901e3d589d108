// Sums of a product in vectors of 16 floats. The instruction set says how many rows' sums its registers hold
// (TILE_ROWS, 1 to 12) and how it adds the products of pairs (add_pair_products).
#define SUMS_BEGIN()
#define SUMS_END()

// Pairs of a right panel that are used for all rows before the next: 32 KB, what the first cache holds.
enum { PAIRS_AT_ONCE = 256 };

// The pairs behind the last are left out: lanes of a few rows cost as much as they have.
INLINE void sum_rows_of(const size_t rows, float *sums, const uint32_t *a, const uint32_t *b, size_t pairs, bool goes_on) {
  vector total[TILE_ROWS][2] = {0};
  if (goes_on)
    for (size_t r = 0; r < rows; r++) memcpy(total[r], sums + r * CAPSTAN_PANEL, sizeof total[r]);
  for (; pairs > 0; a += CAPSTAN_STEP, b += CAPSTAN_STEP) {
    size_t count = least(pairs, CAPSTAN_PAIRS);
    pairs -= count;
    for (size_t k = 0; k < count; k++) {
      words right[2];
      memcpy(right, b + k * CAPSTAN_PANEL, sizeof right);
#pragma clang loop unroll(full)
      for (size_t r = 0; r < rows; r++) {
        words left = (words){0} + a[r * CAPSTAN_PAIRS + k];
        total[r][0] = add_pair_products(total[r][0], left, right[0]);
        total[r][1] = add_pair_products(total[r][1], left, right[1]);
      }
    }
  }
  for (size_t r = 0; r < rows; r++) memcpy(sums + r * CAPSTAN_PANEL, total[r], sizeof total[r]);
}

// One copy for each number of rows: only then do all sums stay in registers.
static void sum_rows(size_t rows, float *sums, const uint32_t *a, const uint32_t *b, size_t pairs, bool goes_on) {
#define ROWS(N) \
  if (N <= TILE_ROWS && rows == N) sum_rows_of(N <= TILE_ROWS ? N : 1, sums, a, b, pairs, goes_on);
  ROWS(1) ROWS(2) ROWS(3) ROWS(4) ROWS(5) ROWS(6) ROWS(7) ROWS(8) ROWS(9) ROWS(10) ROWS(11) ROWS(12)
#undef ROWS
}

// In tiles of about equal height: 11, 11 and 10 rows rather than 12, 12 and 8. The processor brings the next panel by
// itself.
static void sum_block(float *sums, sum_operands *o, waiting_sums *waiting) {
  size_t tiles = (o->rows + TILE_ROWS - 1) / TILE_ROWS, height = (o->rows + tiles - 1) / tiles;
  finish_rows(waiting, CAPSTAN_PANEL);
  size_t done = 0;
  do {
    size_t place = done / CAPSTAN_PAIRS * CAPSTAN_STEP, pairs = least(o->pairs - done, PAIRS_AT_ONCE);
    for (size_t row = 0; row < o->rows; row += height)
      sum_rows(least(o->rows - row, height), sums + row * CAPSTAN_PANEL, o->a + place + row * CAPSTAN_PAIRS, o->b + place,
               pairs, done > 0);
    done += PAIRS_AT_ONCE;
  } while (done < o->pairs);
}
