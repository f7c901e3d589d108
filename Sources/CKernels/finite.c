#include "finite.h"

// A number is finite when not all bits of its exponent are set. Blocks without a branch inside vectorise;
// only the block that holds the culprit is walked one by one.
#define FIRST_NONFINITE(name, word, exponent)                                \
  static int name##_at(const void *values, size_t i) {                       \
    word bits;                                                               \
    __builtin_memcpy(&bits, (const char *)values + i * sizeof bits, sizeof bits); \
    return (bits & exponent) == exponent;                                    \
  }                                                                          \
  size_t name(const void *values, size_t count) {                            \
    enum { block = 1024 };                                                   \
    size_t start = 0;                                                        \
    for (; start + block <= count; start += block) {                         \
      int bad = 0;                                                           \
      for (size_t i = start; i < start + block; i++) bad |= name##_at(values, i); \
      if (bad) break;                                                        \
    }                                                                        \
    while (start < count && !name##_at(values, start)) start++;              \
    return start;                                                            \
  }

FIRST_NONFINITE(capstan_first_nonfinite_float, uint32_t, 0x7F800000u)
FIRST_NONFINITE(capstan_first_nonfinite_half, uint16_t, 0x7C00u)
