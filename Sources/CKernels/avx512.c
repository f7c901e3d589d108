// The kernels in AVX-512 (foundation, DQ, BW, VL).
#if defined(__x86_64__)
#include <math.h>
#include <stdint.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl"))), apply_to = function)
#define TILE "tile_pairs.h"
#define TILE_ROWS 8
#include "kernels/table.h"

const capstan_kernels capstan_kernels_avx512 = KERNELS("avx512");
#pragma clang attribute pop
#endif
