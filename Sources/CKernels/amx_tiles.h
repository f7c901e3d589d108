// How AMX's eight tile registers are set up wherever they are used.
#pragma once
#include <stdint.h>

// The operand of LDTILECFG (Intel's software developer's manual, volume 1, section 18.2).
typedef struct {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} tile_shapes;

// All at their full size: palette 1, 16 rows of 64 bytes.
static const tile_shapes full_tiles = {
    .palette = 1, .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64}, .rows = {16, 16, 16, 16, 16, 16, 16, 16}};
