// Vectors of 16 floats, whatever the instruction set, and the functions on them that the kernels share.
#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>

#define VECTOR_WIDTH 16

typedef float vector __attribute__((ext_vector_type(VECTOR_WIDTH)));
typedef int32_t integers __attribute__((ext_vector_type(VECTOR_WIDTH)));
typedef uint32_t words __attribute__((ext_vector_type(VECTOR_WIDTH)));
typedef double doubles __attribute__((ext_vector_type(VECTOR_WIDTH)));

#define INLINE static inline __attribute__((always_inline))

INLINE vector splat(float x) { return (vector)x; }

// Walks `count` floats in vectors: i is the first element of each, n how many of its 16 are there.
#define FOR_EACH_VECTOR(i, n, count) \
  for (size_t i = 0, n; i < (count) && (n = (count) - i < VECTOR_WIDTH ? (count) - i : VECTOR_WIDTH, 1); i += VECTOR_WIDTH)

// Over the lanes of one vector: where there are masked loads and stores, the whole loop becomes one of them.
#define FOR_EACH_LANE(lane)                                                             \
  _Pragma("clang loop vectorize_width(16) interleave_count(1) unroll(disable)")         \
  for (uint32_t lane = 0; lane < VECTOR_WIDTH; lane++)

// n <= 16 floats; where fewer than 16 are there, the rest is `fill`.
INLINE vector load_or(const float *p, size_t n, float fill) {
  vector v;
  if (__builtin_expect(n == VECTOR_WIDTH, 1)) {
    memcpy(&v, p, sizeof v);
  } else {
    float part[VECTOR_WIDTH];
    FOR_EACH_LANE(i) part[i] = i < (uint32_t)n ? p[i] : fill;
    memcpy(&v, part, sizeof v);
  }
  return v;
}

INLINE vector load(const float *p, size_t n) { return load_or(p, n, 0); }

INLINE void store(float *p, vector v, size_t n) {
  if (__builtin_expect(n == VECTOR_WIDTH, 1)) {
    memcpy(p, &v, sizeof v);
  } else {
    float part[VECTOR_WIDTH];
    memcpy(part, &v, sizeof v);
    FOR_EACH_LANE(i) if (i < (uint32_t)n) p[i] = part[i];
  }
}

INLINE vector select(integers mask, vector yes, vector no) { return mask ? yes : no; }
INLINE vector maximum(vector a, vector b) { return select(a > b, a, b); }
INLINE vector minimum(vector a, vector b) { return select(a < b, a, b); }

// The first n of the 16; the others become `fill`.
INLINE vector first_or(vector v, size_t n, float fill) {
  if (__builtin_expect(n == VECTOR_WIDTH, 1)) return v;
  integers lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return select(lane < (integers)(int)n, v, splat(fill));
}

INLINE vector first(vector v, size_t n) { return first_or(v, n, 0); }

// The 16 partial sums in one fixed tree: halves onto halves.
INLINE float sum(vector v) {
  __auto_type eight = v.lo + v.hi;
  __auto_type four = eight.lo + eight.hi;
  __auto_type two = four.lo + four.hi;
  return two.lo + two.hi;
}

// The sums of 16 vectors, every one in that tree: halves of two vectors share one addition, then quarters of four.
INLINE vector sums(const vector v[VECTOR_WIDTH]) {
  vector a[VECTOR_WIDTH / 2], b[VECTOR_WIDTH / 4], c[VECTOR_WIDTH / 8];
  for (int i = 0; i < 8; i++)
    a[i] = __builtin_shufflevector(v[i], v[i + 8], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
           __builtin_shufflevector(v[i], v[i + 8], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  for (int i = 0; i < 4; i++)
    b[i] = __builtin_shufflevector(a[i], a[i + 4], 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27) +
           __builtin_shufflevector(a[i], a[i + 4], 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31);
  for (int i = 0; i < 2; i++)
    c[i] = __builtin_shufflevector(b[i], b[i + 2], 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29) +
           __builtin_shufflevector(b[i], b[i + 2], 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
  return __builtin_shufflevector(c[0], c[1], 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30) +
         __builtin_shufflevector(c[0], c[1], 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31);
}

INLINE float largest(vector v) {
  __auto_type eight = v.lo > v.hi ? v.lo : v.hi;
  __auto_type four = eight.lo > eight.hi ? eight.lo : eight.hi;
  __auto_type two = four.lo > four.hi ? four.lo : four.hi;
  return two.lo > two.hi ? two.lo : two.hi;
}

// e^x to about one unit in the last place: x = k ln 2 + r, a polynomial in r, and k put into the exponent (the
// method and the coefficients of Cephes' expf). Saturates below -87 and above 88;
// the order of the operands lets a NaN through.
INLINE vector exponential(vector x) {
  x = minimum(splat(88.0f), maximum(splat(-87.0f), x));
  vector shifted = x * splat(1.44269504088896341f) + splat(12582912.0f);  // 1.5 * 2^23: rounds to an integer
  vector k = shifted - splat(12582912.0f);
  vector r = x - k * splat(0.693359375f) - k * splat(-2.12194440e-4f);
  vector p = splat(1.9875691500e-4f);
  p = p * r + splat(1.3981999507e-3f);
  p = p * r + splat(8.3334519073e-3f);
  p = p * r + splat(4.1665795894e-2f);
  p = p * r + splat(1.6666665459e-1f);
  p = p * r + splat(5.0000001201e-1f);
  p = p * r * r + r + splat(1.0f);
  integers exponent = ((integers)shifted - (integers)splat(12582912.0f)) << 23;
  return (vector)((integers)p + exponent);
}

// tanh: Cephes' odd polynomial for small arguments, 1 - 2 / (e^2|x| + 1) for the others.
INLINE vector hyperbolic_tangent(vector x) {
  vector magnitude = (vector)((integers)x & 0x7fffffff);
  integers sign = (integers)x & INT32_MIN;
  vector square = x * x;
  vector p = splat(-5.70498872745e-3f);
  p = p * square + splat(2.06390887954e-2f);
  p = p * square + splat(-5.37397155531e-2f);
  p = p * square + splat(1.33314422036e-1f);
  p = p * square + splat(-3.33332819422e-1f);
  vector small = p * square * x + x;
  vector large = splat(1.0f) - splat(2.0f) / (exponential(magnitude + magnitude) + splat(1.0f));
  large = (vector)((integers)large | sign);
  return select(magnitude < splat(0.625f), small, large);
}
