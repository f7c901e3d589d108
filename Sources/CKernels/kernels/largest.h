// The largest of many numbers, a few of them, found while the numbers are in a cache.

INLINE bool any(integers mask) { return __builtin_reduce_or(mask) != 0; }

// values: [limit], largest first and equal ones in the order in which they came, of which `kept` are there.
INLINE size_t keep_if_large(float *values, uint32_t *places, size_t kept, size_t limit, float x, uint32_t place) {
  if (x != x || (kept == limit && !(x > values[limit - 1]))) return kept;
  size_t i = kept < limit ? kept++ : limit - 1;
  for (; i > 0 && x > values[i - 1]; i--) {
    values[i] = values[i - 1];
    places[i] = places[i - 1];
  }
  values[i] = x;
  places[i] = place;
  return kept;
}

static size_t keep_largest(float *values, uint32_t *places, size_t kept, size_t limit, const float *x, size_t count,
                           uint32_t first) {
  FOR_EACH_VECTOR(i, n, count) {
    if (kept == limit && !any(load_or(x + i, n, -INFINITY) > splat(values[limit - 1]))) continue;
    for (size_t j = i; j < i + n; j++)
      kept = keep_if_large(values, places, kept, limit, x[j], first + (uint32_t)j);
  }
  return kept;
}
