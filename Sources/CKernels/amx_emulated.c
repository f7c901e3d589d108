// The program of AMX's tiles (kernels/tile_amx.h) on tiles in memory, so that it is tested on processors without them.
#include <math.h>
#include <stdint.h>
#include <string.h>

typedef union {
  float sums[16][16];
  uint32_t pairs[16][16];
  char bytes[16][64];
} emulated_tile;

static _Thread_local emulated_tile tiles[8];

static void move_tile(char *to, size_t to_stride, const char *from, size_t from_stride) {
  for (int row = 0; row < 16; row++) memcpy(to + row * to_stride, from + row * from_stride, 64);
}

static float half_of(uint32_t pair, int upper) {
  uint32_t bits = upper ? pair & 0xffff0000u : pair << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

// Even and odd places are summed apart and then joined, as the instruction set reference has TDPBF16PS.
static void multiply_tiles(emulated_tile *sums, const emulated_tile *left, const emulated_tile *right) {
  for (int m = 0; m < 16; m++)
    for (int n = 0; n < 16; n++) {
      float added[2] = {0, 0};
      for (int k = 0; k < 16; k++)
        for (int upper = 0; upper < 2; upper++)
          added[upper] += half_of(left->pairs[m][k], upper) * half_of(right->pairs[k][n], upper);
      sums->sums[m][n] += added[0] + added[1];
    }
}

#define TILE_CONFIGURE(configuration) memset(tiles, 0, sizeof tiles), (void)(configuration)
#define TILE_RELEASE() memset(tiles, 0, sizeof tiles)
#define TILE_ZERO(tile) memset(&tiles[tile], 0, sizeof tiles[tile])
#define TILE_LOAD(tile, from, stride) move_tile(tiles[tile].bytes[0], 64, (const char *)(from), stride)
#define TILE_STORE(tile, to, stride) move_tile((char *)(to), stride, tiles[tile].bytes[0], 64)
#define TILE_MULTIPLY(sums, left, right) multiply_tiles(&tiles[sums], &tiles[left], &tiles[right])
#define TILE "tile_amx.h"
#include "kernels/table.h"

const capstan_kernels capstan_kernels_amx_emulated = KERNELS("amx-emulated");
