#include "triad.h"

#include <string.h>

void capstan_triad(float *a, const float *b, const float *c, float factor, size_t count) {
  typedef float vector __attribute__((vector_size(64)));
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    vector x, y;
    memcpy(&x, b + i, sizeof x);
    memcpy(&y, c + i, sizeof y);
    __builtin_nontemporal_store(x + factor * y, (vector *)(a + i));
  }
  for (; i < count; i++) a[i] = b[i] + factor * c[i];
}
