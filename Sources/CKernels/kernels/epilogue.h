// What becomes of 32 x 32 sums of a product: the tree over lanes, bias, activation, rounding.
//
// Sums wait in the first cache until the next 32 x 32 are under way. AMX's products need no vector unit, so epilogues cost
// little between them: a GELU adds 25 % to a product's time so, and 50 % at the end of each block (measured on Intel
// Emerald Rapids).

enum { TREE_LEVELS = 17 };  // of 65,536 lanes

typedef struct waiting_sums waiting_sums;
struct waiting_sums {
  void (*finish)(const waiting_sums *, size_t first, size_t end);
  size_t next, rows;  // rows next ..< rows wait
  // Sums of lanes, [32][32], that are to be added, from the last lane to the first.
  const float *sums[TREE_LEVELS];
  size_t count;
  float *merged;  // where they go if more lanes follow
  const capstan_product *product;
  size_t row, column;  // of the product
};

// What the 32 x 32 sums of one lane are made of.
typedef struct {
  const uint32_t *a, *b;  // a panel of tiles and one of panels, from the lane's first step on
  size_t rows, pairs;
  size_t lines_ahead;     // to prefetch in each step, from `ahead` on
  const uint32_t *ahead;
} sum_operands;

INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }

// Does as many of the rows that wait.
INLINE void finish_rows(waiting_sums *w, size_t count) {
  size_t end = least(w->next + count, w->rows);
  if (w->next < end) w->finish(w, w->next, end);
  w->next = end;
}

// A row of 32 sums.
INLINE void sum_row(vector x[2], const waiting_sums *w, size_t row) {
  for (size_t half = 0; half < 2; half++) {
    size_t place = row * CAPSTAN_PANEL + half * VECTOR_WIDTH;
    x[half] = load(w->sums[0] + place, VECTOR_WIDTH);
    for (size_t i = 1; i < w->count; i++) x[half] = load(w->sums[i] + place, VECTOR_WIDTH) + x[half];
  }
}

static void merge(const waiting_sums *w, size_t first, size_t end) {
  for (size_t r = first; r < end; r++) {
    vector x[2];
    sum_row(x, w, r);
    memcpy(w->merged + r * CAPSTAN_PANEL, x, sizeof x);
  }
}

// How many of the two vectors' columns are there.
INLINE void column_counts(size_t n[2], const waiting_sums *w) {
  size_t left = w->product->columns - w->column;
  n[0] = least(left, VECTOR_WIDTH);
  n[1] = least(left - n[0], VECTOR_WIDTH);
}

INLINE void load_bias(vector bias[2], const waiting_sums *w, const size_t n[2]) {
  for (size_t half = 0; half < 2; half++)
    bias[half] = w->product->bias ? load(w->product->bias + w->column + half * VECTOR_WIDTH, n[half]) : splat(0);
}

INLINE bool streams(const capstan_product *p) {
  return p->streams && ((uintptr_t)p->c | p->c_stride * sizeof(float)) % sizeof(vector) == 0;
}

static void finish_floats(const waiting_sums *w, size_t first, size_t end) {
  const capstan_product *p = w->product;
  size_t n[2];
  vector bias[2];
  column_counts(n, w);
  load_bias(bias, w, n);
  bool past_caches = streams(p) && n[1] == VECTOR_WIDTH;
  for (size_t r = first; r < end; r++) {
    size_t place = (w->row + r) * p->c_stride + w->column;
    vector x[2];
    sum_row(x, w, r);
    for (size_t half = 0; half < 2; half++, place += VECTOR_WIDTH) {
      x[half] += bias[half];
      if (p->addend) x[half] = load(p->addend + place, n[half]) + x[half];
      if (past_caches)
        __builtin_nontemporal_store(x[half], (vector *)(p->c + place));
      else
        store(p->c + place, x[half], n[half]);
    }
  }
}

#define ACTIVATION(NAME, OF)                                                     \
  static void NAME(const waiting_sums *w, size_t first, size_t end) {            \
    size_t n[2];                                                                 \
    vector bias[2];                                                              \
    column_counts(n, w);                                                         \
    load_bias(bias, w, n);                                                       \
    for (size_t r = first; r < end; r++) {                                       \
      size_t place = tile_place(w->product->y_panel, w->row + r, w->column);                                             \
      vector x[2];                                                               \
      sum_row(x, w, r);                                                          \
      for (size_t half = 0; half < 2; half++) x[half] = half_precision(x[half] + bias[half]); \
      if (w->product->kept) store_pairs(w->product->kept + place, x);            \
      for (size_t half = 0; half < 2; half++) x[half] = OF(x[half]);             \
      store_pairs(w->product->y + place, x);                                     \
    }                                                                            \
  }

#define SLOPE(NAME, OF)                                               \
  static void NAME(const waiting_sums *w, size_t first, size_t end) { \
    for (size_t r = first; r < end; r++) {                            \
      size_t place = tile_place(w->product->y_panel, w->row + r, w->column);                                  \
      vector x[2], kept[2];                                           \
      sum_row(x, w, r);                                               \
      load_pairs(kept, w->product->kept + place);                     \
      for (size_t half = 0; half < 2; half++) x[half] *= OF(kept[half]); \
      store_pairs(w->product->y + place, x);                          \
    }                                                                 \
  }

INLINE vector tanh_slope_of_input(vector x) { return tanh_slope(hyperbolic_tangent(x)); }

ACTIVATION(finish_gelu, gelu_of)
ACTIVATION(finish_relu, relu_of)
ACTIVATION(finish_tanh, hyperbolic_tangent)
SLOPE(finish_gelu_slope, gelu_slope)
SLOPE(finish_relu_slope, relu_slope)
SLOPE(finish_tanh_slope, tanh_slope_of_input)

static void (*const epilogues[CAPSTAN_EPILOGUES])(const waiting_sums *, size_t first, size_t end) = {
    [CAPSTAN_FLOATS] = finish_floats,
    [CAPSTAN_GELU] = finish_gelu,
    [CAPSTAN_RELU] = finish_relu,
    [CAPSTAN_TANH] = finish_tanh,
    [CAPSTAN_GELU_SLOPE] = finish_gelu_slope,
    [CAPSTAN_RELU_SLOPE] = finish_relu_slope,
    [CAPSTAN_TANH_SLOPE] = finish_tanh_slope,
};
