// The kernels in AVX-512 with products in the tiles of AMX.
#if defined(__x86_64__)
#include <math.h>
#include <stdint.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,amx-tile,amx-bf16"))), apply_to = function)
#define TILE "tile_amx.h"
#define TILE_CONFIGURE(configuration) __builtin_ia32_tile_loadconfig(configuration)
#define TILE_RELEASE() __builtin_ia32_tilerelease()
#define TILE_ZERO(tile) __builtin_ia32_tilezero(tile)
#define TILE_LOAD(tile, from, stride) __builtin_ia32_tileloadd64(tile, from, stride)
#define TILE_STORE(tile, to, stride) __builtin_ia32_tilestored64(tile, to, stride)
#define TILE_MULTIPLY(sums, left, right) __builtin_ia32_tdpbf16ps(sums, left, right)
#include "kernels/table.h"

const capstan_kernels capstan_kernels_amx = KERNELS("amx");
#pragma clang attribute pop
#endif
