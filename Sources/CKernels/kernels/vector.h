// Vectors of 16 floats, whatever the instruction set, and the functions on them that the kernels share.
#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>

#define LANES 16

typedef float vector __attribute__((vector_size(64)));
typedef int32_t integers __attribute__((vector_size(64)));
typedef uint32_t words __attribute__((vector_size(64)));
typedef double doubles __attribute__((vector_size(64)));

#define INLINE static inline __attribute__((always_inline))

INLINE vector splat(float x) { return (vector){0} + x; }

// Walks `count` floats in vectors: i is the first element of each, n how many of its 16 are there.
#define FOR_EACH_VECTOR(i, n, count) \
  for (size_t i = 0, n; i < (count) && (n = (count) - i < LANES ? (count) - i : LANES, 1); i += LANES)

// n <= 16 floats; where fewer than 16 are there, the rest is `fill`.
INLINE vector load_or(const float *p, size_t n, float fill) {
  vector v = splat(fill);
  if (__builtin_expect(n == LANES, 1)) {
    memcpy(&v, p, sizeof v);
  } else {
    memcpy(&v, p, n * sizeof(float));
  }
  return v;
}

INLINE vector load(const float *p, size_t n) { return load_or(p, n, 0); }

INLINE void store(float *p, vector v, size_t n) {
  if (__builtin_expect(n == LANES, 1)) {
    memcpy(p, &v, sizeof v);
  } else {
    memcpy(p, &v, n * sizeof(float));
  }
}

INLINE vector select(integers mask, vector yes, vector no) {
  return (vector)((mask & (integers)yes) | (~mask & (integers)no));
}

INLINE vector maximum(vector a, vector b) { return select(a > b, a, b); }
INLINE vector minimum(vector a, vector b) { return select(a < b, a, b); }

INLINE vector square_root(vector v) {
  float x[LANES];
  store(x, v, LANES);
  for (int i = 0; i < LANES; i++) x[i] = sqrtf(x[i]);
  return load(x, LANES);
}

// The 16 partial sums in one fixed tree: halves onto halves.
INLINE float sum(vector v) {
  float x[LANES];
  store(x, v, LANES);
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) x[i] += x[i + half];
  return x[0];
}

INLINE float largest(vector v) {
  float x[LANES];
  store(x, v, LANES);
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) x[i] = x[i] > x[i + half] ? x[i] : x[i + half];
  return x[0];
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
