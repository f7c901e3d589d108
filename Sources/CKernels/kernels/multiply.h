// The loops around the tile of a product that an instruction set provides: cuts for the caches, edges, segments.
//
// An element of c is one sum over the inner dimension in ascending order, whatever tile it falls into: its bits do not
// depend on how a product is cut.
//
// The instruction set defines TILE_ROWS (at most 32) and
//   void tile(float *c, size_t c_stride, const uint32_t *a, size_t a_row, size_t a_pair, const uint32_t *b,
//             size_t rows, size_t pairs, bool accumulate)
// for rows <= TILE_ROWS and 32 columns.

// Pairs of a panel that are used for all rows before the next: 32 KB, which the first cache holds beside the left rows.
enum { PRODUCT_BLOCK = 256, TREE_LEVELS = 32 };

typedef float tile_sums[TILE_ROWS * CAPSTAN_PANEL];

// Rows and columns of c that one tile computes; it lies within 32 rows and 32 columns of a multiple of 32.
typedef struct {
  size_t row, rows, column, columns;
} product_tile;

INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }

INLINE void copy_tile(float *to, size_t to_stride, const float *from, size_t from_stride, product_tile t) {
  for (size_t r = 0; r < t.rows; r++) memcpy(to + r * to_stride, from + r * from_stride, t.columns * sizeof(float));
}

INLINE void compute_tile(float *c, size_t c_stride, const capstan_product *p, product_tile t, capstan_segment s,
                         bool accumulate) {
  tile(c, c_stride,
       p->a + t.row / CAPSTAN_PANEL * p->a_panel + t.row % CAPSTAN_PANEL * p->a_row + s.first * p->a_pair, p->a_row,
       p->a_pair, p->b + t.column / CAPSTAN_PANEL * p->b_panel + s.first * CAPSTAN_PANEL, t.rows, s.count, accumulate);
}

static void add_segment(const capstan_product *p, product_tile t, capstan_segment s, bool accumulate) {
  float *c = p->c + t.row * p->c_stride + t.column;
  if (t.columns == CAPSTAN_PANEL && FILLS_TILE(t.rows)) {
    compute_tile(c, p->c_stride, p, t, s, accumulate);
    return;
  }
  tile_sums whole;
  if (accumulate) copy_tile(whole, CAPSTAN_PANEL, c, p->c_stride, t);
  compute_tile(whole, CAPSTAN_PANEL, p, t, s, accumulate);
  copy_tile(c, p->c_stride, whole, CAPSTAN_PANEL, t);
}

// Partial sums wait on a stack like the carries of a binary counter, so that 8 lanes need 4 tiles.
static void sum_lanes(const capstan_product *p, product_tile t, const capstan_segment *lanes, size_t count) {
  tile_sums sums[TREE_LEVELS];
  size_t waiting = 0, floats = t.rows * CAPSTAN_PANEL;
  for (size_t lane = 0; lane < count; lane++) {
    compute_tile(sums[waiting++], CAPSTAN_PANEL, p, t, lanes[lane], false);
    for (size_t done = lane + 1; done % 2 == 0; done /= 2, waiting--)
      add(sums[waiting - 2], sums[waiting - 2], sums[waiting - 1], floats);
  }
  for (; waiting > 1; waiting--) add(sums[waiting - 2], sums[waiting - 2], sums[waiting - 1], floats);
  copy_tile(p->c + t.row * p->c_stride + t.column, p->c_stride, sums[0], CAPSTAN_PANEL, t);
}

// Walks c in tiles: down 32 rows at a time, these in tiles of about equal height (11, 11 and 10 rather than 12, 12, 8).
#define FOR_EACH_TILE(p, t, ACTION)                                                              \
  for (size_t column = 0; column < (p)->columns; column += CAPSTAN_PANEL)                        \
    for (size_t panel = 0; panel < (p)->rows; panel += CAPSTAN_PANEL) {                          \
      size_t rows = least((p)->rows - panel, CAPSTAN_PANEL);                                     \
      size_t tiles = (rows + TILE_ROWS - 1) / TILE_ROWS, height = (rows + tiles - 1) / tiles;    \
      for (size_t row = 0; row < rows; row += height) {                                          \
        product_tile t = {panel + row, least(rows - row, height), column,                        \
                          least((p)->columns - column, CAPSTAN_PANEL)};                          \
        ACTION;                                                                                  \
      }                                                                                          \
    }

static void multiply(const capstan_product *p, size_t pairs, bool accumulate) {
  TILES_BEGIN();
  for (size_t first = 0; first < pairs; first += PRODUCT_BLOCK) {
    capstan_segment block = {first, least(pairs - first, PRODUCT_BLOCK)};
    FOR_EACH_TILE(p, t, add_segment(p, t, block, accumulate || first > 0));
  }
  TILES_END();
}

static void multiply_lanes(const capstan_product *p, const capstan_segment *lanes, size_t count) {
  TILES_BEGIN();
  FOR_EACH_TILE(p, t, sum_lanes(p, t, lanes, count));
  TILES_END();
}
