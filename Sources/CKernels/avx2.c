// The kernels in AVX2. Clang's attribute lets one file use what the build as a whole may not assume.
#if defined(__x86_64__)
#include <math.h>
#include <stdint.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define TILE "tile_pairs.h"
#define TILE_ROWS 2
#include "kernels/table.h"

const capstan_kernels capstan_kernels_avx2 = KERNELS("avx2");
#pragma clang attribute pop
#endif
