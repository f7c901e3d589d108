#include "multiply_add.h"

// Twelve chains hide a multiply-add's latency (at most five cycles, two at a time) and fit 16 registers.
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
#endif

double capstan_multiply_adds(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f")) return multiply_adds_avx512();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return multiply_adds_avx2();
#endif
  return 0;
}
