#include "multiply_add.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "amx_probe.h"
#include "amx_tiles.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Twelve chains hide a multiply-add's latency (at most six cycles, two at a time) and fit 16 registers.
enum { chains = 12, rounds = 1 << 20 };

// Read at the start and written at the end, so that the compiler leaves what is between.
static volatile float outside;

#define MULTIPLY_ADDS(name, instructions, width)                        \
  __attribute__((target(instructions))) static double name(void) {      \
    _Pragma("clang fp contract(fast)")                                  \
    typedef float vector __attribute__((vector_size(4 * width)));       \
    vector x[chains];                                                   \
    for (int c = 0; c < chains; c++) x[c] = (vector){0} + outside;      \
    for (int round = 0; round < rounds; round++)                        \
      for (int c = 0; c < chains; c++) x[c] = x[c] * 0.5f + 1.0f;       \
    for (int c = 0; c < chains; c++) outside = x[c][0];                 \
    return 2.0 * width * chains * rounds;                               \
  }

#if defined(__x86_64__)
MULTIPLY_ADDS(multiply_adds_avx512, "avx512f", 16)
MULTIPLY_ADDS(multiply_adds_avx2, "avx2,fma", 8)

// An instruction multiplies 32 pairs and adds each product to one of 16 sums.
__attribute__((target("avx512f,avx512bf16"))) static double bfloat16_vectors(void) {
  __m512 x[chains];
  __m512bh a = (__m512bh)_mm512_set1_ps(outside), b = a;
  for (int c = 0; c < chains; c++) x[c] = _mm512_set1_ps(outside);
  for (int round = 0; round < rounds; round++)
    for (int c = 0; c < chains; c++) x[c] = _mm512_dpbf16_ps(x[c], a, b);
  for (int c = 0; c < chains; c++) outside = x[c][0];
  return 2.0 * 32 * chains * rounds;
}

// Six tiles add up the products of two others: an instruction starts every 16 cycles and takes 52.
__attribute__((target("amx-tile,amx-bf16"))) static double bfloat16_tiles(void) {
  _tile_loadconfig(&full_tiles);
  _tile_zero(0), _tile_zero(1), _tile_zero(2), _tile_zero(3);
  _tile_zero(4), _tile_zero(5), _tile_zero(6), _tile_zero(7);
  enum { tile_rounds = rounds / 64 };
  for (int round = 0; round < tile_rounds; round++) {
    _tile_dpbf16ps(0, 6, 7);
    _tile_dpbf16ps(1, 6, 7);
    _tile_dpbf16ps(2, 6, 7);
    _tile_dpbf16ps(3, 6, 7);
    _tile_dpbf16ps(4, 6, 7);
    _tile_dpbf16ps(5, 6, 7);
  }
  _tile_release();
  return 2.0 * 16 * 16 * 32 * 6 * tile_rounds;
}
#endif

double capstan_multiply_adds(const char *instruction_set) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  bool wide = strncmp(instruction_set, "avx512", 6) == 0 || strcmp(instruction_set, "amx") == 0;
  if (wide && __builtin_cpu_supports("avx512f")) return multiply_adds_avx512();
  if (strcmp(instruction_set, "avx2") == 0 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return multiply_adds_avx2();
#endif
  return 0;
}

double capstan_bfloat16_multiply_adds(const char *instruction_set) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (strcmp(instruction_set, "amx") == 0 && capstan_amx_usable()) return bfloat16_tiles();
  if (strcmp(instruction_set, "avx512bf16") == 0 && __builtin_cpu_supports("avx512bf16")) return bfloat16_vectors();
#endif
  return capstan_multiply_adds(instruction_set);
}
