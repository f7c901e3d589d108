#include "finite.h"

// A number is finite when not all bits of its exponent are set. Blocks without a branch inside vectorise; only the
// block that holds the culprit is walked one by one.
#define FIRST_NONFINITE(name, type, word, exponent)                \
  size_t name(const type *values, size_t count) {                  \
    enum { block = 1024 };                                         \
    size_t start = 0;                                              \
    for (; start + block <= count; start += block) {               \
      word bad = 0;                                                \
      for (size_t i = start; i < start + block; i++) {             \
        word bits;                                                 \
        __builtin_memcpy(&bits, values + i, sizeof bits);          \
        bad |= (bits & exponent) == exponent;                      \
      }                                                            \
      if (bad) break;                                              \
    }                                                              \
    for (; start < count; start++) {                               \
      word bits;                                                   \
      __builtin_memcpy(&bits, values + start, sizeof bits);        \
      if ((bits & exponent) == exponent) break;                    \
    }                                                              \
    return start;                                                  \
  }

FIRST_NONFINITE(capstan_first_nonfinite_float, float, uint32_t, 0x7F800000u)
FIRST_NONFINITE(capstan_first_nonfinite_half, uint16_t, uint16_t, 0x7C00u)
