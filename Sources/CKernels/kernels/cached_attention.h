// Attention of the newest token over keys and values of earlier ones, each of which stands in a row of its own: the same
// sums in the same order as in attention.h.

// n <= 16 numbers from the i-th on, of floats or of bfloat16; where fewer are there, the rest is zero.
INLINE vector load_number(const void *row, size_t i, size_t n, bool rounded) {
  if (!rounded) return load((const float *)row + i, n);
  halves h = {0};
  memcpy(&h, (const uint16_t *)row + i, n == VECTOR_WIDTH ? sizeof h : n * sizeof(uint16_t));
  return (vector)(__builtin_convertvector(h, words) << 16);
}

INLINE void attend_to_rows(float *out, float *probabilities, const float *query, const capstan_cached_rows *cache,
                           size_t width, bool rounded) {
  for (size_t head = 0; head < cache->heads; head++) {
    size_t first = head * width, key = head * cache->key_heads / cache->heads * width;
    FOR_EACH_VECTOR(j, n, cache->count) {
      vector partial[VECTOR_WIDTH];
      for (size_t k = 0; k < VECTOR_WIDTH; k++) {
        const void *row = cache->rows[j + (k < n ? k : n - 1)];  // after the last, the last again
        partial[k] = splat(0);
        FOR_EACH_VECTOR(i, m, width)
          partial[k] += load(query + first + i, m) * load_number(row, key + i, m, rounded);
      }
      store(probabilities + j, splat(cache->scale) * sums(partial), n);
    }
    softmax(probabilities, cache->count);
    for (size_t start = 0; start < width; start += 4 * VECTOR_WIDTH) {
      vector total[4] = {0};
      for (size_t j = 0; j < cache->count; j++) {
        vector weight = splat(probabilities[j]);
        for (size_t c = 0; c < 4; c++) {
          size_t i = start + c * VECTOR_WIDTH;
          if (i < width)
            total[c] += weight * load_number(cache->rows[j], (cache->key_heads * width) + key + i,
                                             width - i < VECTOR_WIDTH ? width - i : VECTOR_WIDTH, rounded);
        }
      }
      for (size_t c = 0; c < 4; c++) {
        size_t i = start + c * VECTOR_WIDTH;
        if (i < width) store(out + first + i, total[c], width - i < VECTOR_WIDTH ? width - i : VECTOR_WIDTH);
      }
    }
  }
}

// Copies for the width of GPT-2's heads, so that a row of a head stays in registers.
static void cached_attention(float *out, float *probabilities, const float *query, const capstan_cached_rows *cache) {
  if (cache->width == 64 && cache->rounded) return attend_to_rows(out, probabilities, query, cache, 64, true);
  if (cache->width == 64) return attend_to_rows(out, probabilities, query, cache, 64, false);
  if (cache->rounded) return attend_to_rows(out, probabilities, query, cache, cache->width, true);
  attend_to_rows(out, probabilities, query, cache, cache->width, false);
}
