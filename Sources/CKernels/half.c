#include "half.h"

#include <stdint.h>
#include <string.h>

static inline uint16_t load16(const void *values, size_t i) {
  uint16_t bits;
  memcpy(&bits, (const char *)values + 2 * i, 2);
  return bits;
}

// Moves the 10 bits of the fraction up to single precision's 23 and adds the difference of the exponents'
// biases, 127 - 15 = 112. Infinity and NaN need their exponent raised by 112 once more. A subnormal has no
// implicit leading one: read as if its exponent were 113, it is off by exactly that one, 2^-14, which a
// subtraction takes away.
void capstan_half_to_float_portable(const void *halves, float *floats, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint32_t half = load16(halves, i);
    uint32_t magnitude = (half & 0x7FFFu) << 13;
    uint32_t bits = magnitude + (112u << 23);
    if (magnitude >= 31u << 23) bits += 112u << 23;

    uint32_t raised = bits + (1u << 23);
    float subnormal;
    memcpy(&subnormal, &raised, 4);
    subnormal -= 0x1p-14f;
    uint32_t subnormal_bits;
    memcpy(&subnormal_bits, &subnormal, 4);

    bits = (magnitude < 1u << 23 ? subnormal_bits : bits) | (half & 0x8000u) << 16;
    memcpy(floats + i, &bits, 4);
  }
}

#ifdef __x86_64__
#include <immintrin.h>

__attribute__((target("avx,f16c")))
static void half_to_float_f16c(const void *halves, float *floats, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    __m128i half = _mm_loadu_si128((const __m128i *)((const char *)halves + 2 * i));
    _mm256_storeu_ps(floats + i, _mm256_cvtph_ps(half));
  }
  for (; i < count; i++) floats[i] = _cvtsh_ss(load16(halves, i));
}

void capstan_half_to_float(const void *halves, float *floats, size_t count) {
  if (__builtin_cpu_supports("avx") && __builtin_cpu_supports("f16c")) {
    half_to_float_f16c(halves, floats, count);
  } else {
    capstan_half_to_float_portable(halves, floats, count);
  }
}
#else
void capstan_half_to_float(const void *halves, float *floats, size_t count) {
  capstan_half_to_float_portable(halves, floats, count);
}
#endif

void capstan_bfloat16_to_float(const void *values, float *floats, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint32_t bits = (uint32_t)load16(values, i) << 16;
    memcpy(floats + i, &bits, 4);
  }
}
