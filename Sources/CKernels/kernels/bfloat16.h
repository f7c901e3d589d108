// Rounding to bfloat16, to the nearest and ties to even, and the packed forms of a product's operands (product.h).

INLINE words rounded(vector x) {
  words bits = (words)x;
  words nearest = (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
  words quiet_nan = bits >> 16 | 0x40u;
  return (words)select(x == x, (vector)nearest, (vector)quiet_nan);
}

INLINE words pairs_of(vector lower, vector upper) { return rounded(lower) | rounded(upper) << 16; }

typedef uint16_t halves __attribute__((vector_size(32)));

// Rounded, and still a float.
INLINE vector half_precision(vector x) { return (vector)(rounded(x) << 16); }

// A row of a step of tiles: 32 numbers.
INLINE void store_pairs(uint32_t *y, const vector x[2]) {
  for (size_t half = 0; half < 2; half++) {
    halves h = __builtin_convertvector(rounded(x[half]), halves);
    memcpy(y + half * CAPSTAN_PAIRS / 2, &h, sizeof h);
  }
}

INLINE void load_pairs(vector x[2], const uint32_t *y) {
  for (size_t half = 0; half < 2; half++) {
    halves h;
    memcpy(&h, y + half * CAPSTAN_PAIRS / 2, sizeof h);
    x[half] = (vector)(__builtin_convertvector(h, words) << 16);
  }
}

// y: [rows, stride] bfloat16, zero beyond the columns. x: [rows, columns], rows x_stride apart.
static void round_rows(uint16_t *y, size_t stride, const float *x, size_t x_stride, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++, y += stride, x += x_stride)
    for (size_t i = 0; i < stride; i += VECTOR_WIDTH) {
      size_t n = i + VECTOR_WIDTH <= columns ? VECTOR_WIDTH : i < columns ? columns - i : 0;
      halves h = __builtin_convertvector(rounded(load(x + i, n)), halves);
      memcpy(y + i, &h, sizeof h);
    }
}

// Where 32 columns of a row of tiles start; the first column is a multiple of 32.
INLINE size_t tile_place(size_t panel, size_t row, size_t column) {
  return row / CAPSTAN_PANEL * panel + column / CAPSTAN_PANEL * CAPSTAN_STEP + row % CAPSTAN_PANEL * CAPSTAN_PAIRS;
}

// The pairs of rows 2k and 2k + 1 of x, packed. pairs: of every panel; those behind the last row are zero.
static void pack_rows(uint32_t *y, size_t panel, size_t pairs, const float *x, size_t x_stride, size_t rows,
                      size_t columns) {
  for (size_t k = 0; k < pairs; k++) {
    const float *lower = x + 2 * k * x_stride, *upper = lower + x_stride;
    for (size_t i = 0; i < columns; i += VECTOR_WIDTH) {
      size_t n = columns - i < VECTOR_WIDTH ? columns - i : VECTOR_WIDTH;
      words v = pairs_of(load(lower + i, 2 * k < rows ? n : 0), load(upper + i, 2 * k + 1 < rows ? n : 0));
      memcpy(y + i / CAPSTAN_PANEL * panel + k * CAPSTAN_PANEL + i % CAPSTAN_PANEL, &v, sizeof v);
    }
    for (size_t i = (columns + VECTOR_WIDTH - 1) / VECTOR_WIDTH * VECTOR_WIDTH; i % CAPSTAN_PANEL; i += VECTOR_WIDTH)
      memset(y + i / CAPSTAN_PANEL * panel + k * CAPSTAN_PANEL + i % CAPSTAN_PANEL, 0, sizeof(words));
  }
}

// Transposes a square of 16 x 16 words in four rounds that swap ever larger blocks.
INLINE void transpose(words w[VECTOR_WIDTH]) {
#define SWAP(DISTANCE, LOWER, UPPER)                                  \
  for (int i = 0; i < VECTOR_WIDTH; i++)                                     \
    if (!(i & DISTANCE)) {                                            \
      words a = w[i], b = w[i + DISTANCE];                      \
      w[i] = __builtin_shufflevector(a, b, LOWER);                    \
      w[i + DISTANCE] = __builtin_shufflevector(a, b, UPPER);         \
    }
#define LOWER1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define UPPER1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31
#define LOWER2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define UPPER2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define LOWER4 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define UPPER4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define LOWER8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define UPPER8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#pragma clang loop unroll(full)
  SWAP(1, LOWER1, UPPER1)
#pragma clang loop unroll(full)
  SWAP(2, LOWER2, UPPER2)
#pragma clang loop unroll(full)
  SWAP(4, LOWER4, UPPER4)
#pragma clang loop unroll(full)
  SWAP(8, LOWER8, UPPER8)
#undef SWAP
}

// The pairs of columns 2k and 2k + 1 of x, packed: what a product with the transpose of x takes. rows <= 32: the
// columns of one panel. y: [pairs][32], pairs up to a multiple of 16.
static void pack_columns(uint32_t *y, const float *x, size_t x_stride, size_t rows, size_t columns) {
  size_t pairs = (columns + 1) / 2;
  for (size_t half = 0; half < CAPSTAN_PANEL; half += VECTOR_WIDTH)
    for (size_t k = 0; k < pairs; k += VECTOR_WIDTH) {
      words w[VECTOR_WIDTH];
      for (size_t r = 0; r < VECTOR_WIDTH; r++) {
        uint16_t row[2 * VECTOR_WIDTH];
        size_t n = half + r < rows ? columns - 2 * k : 0;
        round_rows(row, 2 * VECTOR_WIDTH, x + (half + r) * x_stride + 2 * k, 0, 1, n < 2 * VECTOR_WIDTH ? n : 2 * VECTOR_WIDTH);
        memcpy(&w[r], row, sizeof row);
      }
      transpose(w);
      for (size_t i = 0; i < VECTOR_WIDTH; i++) memcpy(y + (k + i) * CAPSTAN_PANEL + half, &w[i], sizeof w[i]);
    }
}

// Rows of x into rows `first` ... of tiles.
static void round_tiles(uint32_t *y, size_t panel, size_t first, const float *x, size_t x_stride, size_t rows,
                        size_t columns) {
  for (size_t r = first; r < first + rows; r++, x += x_stride)
    for (size_t i = 0; i < columns; i += CAPSTAN_PANEL) {
      size_t left = columns - i;
      vector v[2];
      v[0] = load(x + i, left < VECTOR_WIDTH ? left : VECTOR_WIDTH);
      v[1] = load(x + i + VECTOR_WIDTH, left < VECTOR_WIDTH ? 0 : left < 2 * VECTOR_WIDTH ? left - VECTOR_WIDTH : VECTOR_WIDTH);
      store_pairs(y + tile_place(panel, r, i), v);
    }
}

static void widen_tiles(float *y, size_t y_stride, const uint32_t *x, size_t panel, size_t first, size_t rows,
                        size_t columns) {
  for (size_t r = first; r < first + rows; r++, y += y_stride)
    for (size_t i = 0; i < columns; i += CAPSTAN_PANEL) {
      vector v[2];
      load_pairs(v, x + tile_place(panel, r, i));
      FOR_EACH_VECTOR(j, n, columns - i < CAPSTAN_PANEL ? columns - i : CAPSTAN_PANEL) store(y + i + j, v[j / VECTOR_WIDTH], n);
    }
}

static void sum_tiles(float *sums, const uint32_t *x, size_t panel, size_t first, size_t rows, size_t columns) {
  for (size_t i = 0; i < columns; i += CAPSTAN_PANEL) {
    vector total[2] = {0};
    for (size_t r = first; r < first + rows; r++) {
      vector v[2];
      load_pairs(v, x + tile_place(panel, r, i));
      total[0] += v[0], total[1] += v[1];
    }
    FOR_EACH_VECTOR(j, n, columns - i < CAPSTAN_PANEL ? columns - i : CAPSTAN_PANEL) store(sums + i + j, total[j / VECTOR_WIDTH], n);
  }
}

// The pairs of rows 2k and 2k + 1 behind `first`, 16 of them and 32 columns: a step of panels, or in two squares one of
// tiles of the transpose.
INLINE void pair_rows(uint32_t *y, const uint32_t *x, size_t panel, size_t first, size_t rows, bool turns) {
  words w[2][VECTOR_WIDTH];
  for (size_t k = 0; k < VECTOR_WIDTH; k++)
    for (size_t half = 0; half < 2; half++) {
      halves pair[2] = {0};
      for (size_t i = 0; i < 2 && 2 * k + i < rows; i++)
        memcpy(&pair[i], x + tile_place(panel, first + 2 * k + i, 0) + half * CAPSTAN_PAIRS / 2, sizeof pair[i]);
      w[half][k] = __builtin_convertvector(pair[0], words) | __builtin_convertvector(pair[1], words) << 16;
    }
  for (size_t half = 0; half < 2; half++) {
    if (turns) transpose(w[half]);
    for (size_t k = 0; k < VECTOR_WIDTH; k++) memcpy(y + (turns ? half * VECTOR_WIDTH * VECTOR_WIDTH + k * VECTOR_WIDTH : k * CAPSTAN_PANEL + half * VECTOR_WIDTH), &w[half][k], sizeof(words));
  }
}

// Rows first ..< first + rows of tiles as the inner dimension.
static void pack_tiles(uint32_t *y, size_t y_panel, const uint32_t *x, size_t panel, size_t first, size_t rows,
                       size_t columns, bool turns) {
  for (size_t i = 0; i < columns; i += CAPSTAN_PANEL)
    for (size_t r = 0; r < rows; r += CAPSTAN_PANEL)
      pair_rows(y + i / CAPSTAN_PANEL * y_panel + r / CAPSTAN_PANEL * CAPSTAN_STEP, x + i / CAPSTAN_PANEL * CAPSTAN_STEP,
                panel, first + r, rows - r, turns);
}
