#include "additions.h"

#include <stdint.h>

#define TEN(x) x x x x x x x x x x

double capstan_dependent_additions(void) {
  enum { rounds = 1500 };
  uint64_t sum = 1;
  for (int round = 0; round < rounds; round++) {
#if defined(__x86_64__)
    __asm__ volatile(TEN("add $1, %0\n") : "+r"(sum));
#elif defined(__aarch64__)
    __asm__ volatile(TEN("add %0, %0, #1\n") : "+r"(sum));
#else
    return 0;
#endif
  }
  return 10.0 * rounds;
}
