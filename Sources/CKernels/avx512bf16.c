// The kernels in AVX-512 with its instruction for pairs of bfloat16.
#if defined(__x86_64__)
#include <math.h>
#include <stdint.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx512bf16"))), apply_to = function)
#define TILE "tile_avx512bf16.h"
#include "kernels/table.h"

const capstan_kernels capstan_kernels_avx512bf16 = KERNELS("avx512bf16");
#pragma clang attribute pop
#endif
