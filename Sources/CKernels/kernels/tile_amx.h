// Sums of a product in the tile registers of AMX: 32 rows by 32 columns as four squares of sums, fed by two squares of
// left pairs and two of right ones, each of 16 rows of 16 pairs.
//
// At most 16 rows, as in decoding, do without the lower squares. All tiles have their full size: half a tile takes 62 % of
// a whole one's time, and a shorter inner dimension all of it (measured on Intel Emerald Rapids). What a product lacks at
// its edges is zero or is dropped.
#include "../amx_tiles.h"

#define SUMS_BEGIN() TILE_CONFIGURE(&full_tiles)
#define SUMS_END() TILE_RELEASE()

enum { SQUARE = 16, LEFT_BYTES = 64, RIGHT_BYTES = 128 };  // bytes of a row of pairs

// What was loaded last is used last.
INLINE void add_step(const uint32_t *a, const uint32_t *b, bool has_lower) {
  TILE_LOAD(6, b, RIGHT_BYTES);
  TILE_LOAD(4, a, LEFT_BYTES);
  TILE_MULTIPLY(0, 4, 6);
  TILE_LOAD(7, b + SQUARE, RIGHT_BYTES);
  TILE_MULTIPLY(1, 4, 7);
  if (!has_lower) return;
  TILE_LOAD(5, a + SQUARE * SQUARE, LEFT_BYTES);
  TILE_MULTIPLY(2, 5, 6);
  TILE_MULTIPLY(3, 5, 7);
}

static void sum_block(float *sums, sum_operands *o, waiting_sums *waiting) {
  size_t steps = (o->pairs + CAPSTAN_PAIRS - 1) / CAPSTAN_PAIRS;
  size_t rows_a_step = steps ? (waiting->rows + steps - 1) / steps : 0;
  bool has_lower = o->rows > SQUARE;
  TILE_ZERO(0);
  TILE_ZERO(1);
  TILE_ZERO(2);
  TILE_ZERO(3);
  for (size_t step = 0; step < steps; step++) {
    add_step(o->a + step * CAPSTAN_STEP, o->b + step * CAPSTAN_STEP, has_lower);
    for (size_t line = 0; line < o->lines_ahead; line++, o->ahead += CAPSTAN_PAIRS) __builtin_prefetch(o->ahead, 0, 2);
    finish_rows(waiting, rows_a_step);
  }
  finish_rows(waiting, CAPSTAN_PANEL);
  TILE_STORE(0, sums, RIGHT_BYTES);
  TILE_STORE(1, sums + SQUARE, RIGHT_BYTES);
  if (!has_lower) return;
  TILE_STORE(2, sums + SQUARE * CAPSTAN_PANEL, RIGHT_BYTES);
  TILE_STORE(3, sums + SQUARE * CAPSTAN_PANEL + SQUARE, RIGHT_BYTES);
}
