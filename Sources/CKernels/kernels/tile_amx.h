// A product's tile in the tile registers of AMX: 32 rows by 32 columns as four squares of sums, fed by two squares of
// left pairs and two of right ones, each of 16 rows of 16 pairs.
//
// All tiles have their full size; what a product lacks at its edges is zero or is dropped by the caller.
#include "../amx_tiles.h"

#define TILE_ROWS 32
enum { SQUARE = 16 };
#define TILES_BEGIN() TILE_CONFIGURE(&full_tiles)
#define TILES_END() TILE_RELEASE()
#define FILLS_TILE(rows) ((rows) == TILE_ROWS)

// Left pairs as the tiles want them, [32][16]: a packed operand has its columns side by side and is turned.
INLINE void turn_square(uint32_t *y, const uint32_t *a, size_t a_pair) {
  for (size_t half = 0; half < TILE_ROWS; half += SQUARE) {
    words w[LANES];
    for (size_t k = 0; k < LANES; k++) memcpy(&w[k], a + k * a_pair + half, sizeof w[k]);
    transpose(w);
    memcpy(y + half * SQUARE, w, sizeof w);
  }
}

static void tile(float *c, size_t c_stride, const uint32_t *a, size_t a_row, size_t a_pair, const uint32_t *b,
                 size_t rows, size_t pairs, bool accumulate) {
  size_t c_bytes = c_stride * sizeof(float), square_bytes = SQUARE * sizeof(uint32_t);
  if (accumulate) {
    TILE_LOAD(0, c, c_bytes);
    TILE_LOAD(1, c + SQUARE, c_bytes);
    TILE_LOAD(2, c + SQUARE * c_stride, c_bytes);
    TILE_LOAD(3, c + SQUARE * c_stride + SQUARE, c_bytes);
  } else {
    TILE_ZERO(0);
    TILE_ZERO(1);
    TILE_ZERO(2);
    TILE_ZERO(3);
  }
  for (size_t k = 0; k < pairs; k += SQUARE, b += SQUARE * CAPSTAN_PANEL) {
    uint32_t turned[TILE_ROWS * SQUARE];
    if (a_pair == 1) {
      TILE_LOAD(4, a + k, a_row * sizeof(uint32_t));
      TILE_LOAD(5, a + SQUARE * a_row + k, a_row * sizeof(uint32_t));
    } else {
      turn_square(turned, a + k * a_pair, a_pair);
      TILE_LOAD(4, turned, square_bytes);
      TILE_LOAD(5, turned + SQUARE * SQUARE, square_bytes);
    }
    TILE_LOAD(6, b, 2 * square_bytes);
    TILE_LOAD(7, b + SQUARE, 2 * square_bytes);
    TILE_MULTIPLY(0, 4, 6);
    TILE_MULTIPLY(1, 4, 7);
    TILE_MULTIPLY(2, 5, 6);
    TILE_MULTIPLY(3, 5, 7);
  }
  TILE_STORE(0, c, c_bytes);
  TILE_STORE(1, c + SQUARE, c_bytes);
  TILE_STORE(2, c + SQUARE * c_stride, c_bytes);
  TILE_STORE(3, c + SQUARE * c_stride + SQUARE, c_bytes);
}
