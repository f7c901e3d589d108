// Inverted dropout (Srivastava et al. 2014) whose mask is a pure function of seed, step, sample, site and element.
#include "philox.h"

// Four blocks of Philox side by side would be 16 words; written as loops over arrays, which compilers vectorise.
INLINE void keep_factors(float *factors, size_t first, const capstan_dropout *dropout) {
  uint32_t threshold = (uint32_t)(dropout->probability * 4294967296.0);
  float kept = 1.0f / (1.0f - dropout->probability);
  uint32_t a[LANES], b[LANES], c[LANES], d[LANES];
  for (int i = 0; i < LANES; i++) {
    a[i] = (uint32_t)(first / 4 + i);
    b[i] = dropout->sample;
    c[i] = dropout->step;
    d[i] = dropout->site;
  }
  uint32_t key0 = (uint32_t)dropout->seed, key1 = (uint32_t)(dropout->seed >> 32);
  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < LANES; i++) {
      uint64_t product0 = (uint64_t)0xD2511F53u * a[i], product1 = (uint64_t)0xCD9E8D57u * c[i];
      a[i] = (uint32_t)(product1 >> 32) ^ b[i] ^ key0;
      c[i] = (uint32_t)(product0 >> 32) ^ d[i] ^ key1;
      b[i] = (uint32_t)product1;
      d[i] = (uint32_t)product0;
    }
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  for (int i = 0; i < LANES; i++) {
    factors[4 * i] = a[i] < threshold ? 0 : kept;
    factors[4 * i + 1] = b[i] < threshold ? 0 : kept;
    factors[4 * i + 2] = c[i] < threshold ? 0 : kept;
    factors[4 * i + 3] = d[i] < threshold ? 0 : kept;
  }
}

// y = x * mask, for elements offset ..< offset + count of the sample's block.
INLINE void dropout_range(float *y, const float *x, size_t offset, size_t count, const capstan_dropout *dropout) {
  float factors[4 * LANES];
  size_t done = 0;
  while (done < count) {
    size_t first = (offset + done) / (4 * LANES) * (4 * LANES);
    size_t skip = offset + done - first;
    size_t take = 4 * LANES - skip < count - done ? 4 * LANES - skip : count - done;
    keep_factors(factors, first, dropout);
    for (size_t i = 0; i < take; i++) y[done + i] = x[done + i] * factors[skip + i];
    done += take;
  }
}

static void drop(float *y, const float *x, size_t count, const capstan_dropout *dropout) {
  dropout_range(y, x, 0, count, dropout);
}
