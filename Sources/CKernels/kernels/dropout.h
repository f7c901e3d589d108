// Inverted dropout (Srivastava et al. 2014) whose mask is a pure function of seed, step, sample, site and element.
#include "philox.h"

// Eight blocks of Philox side by side (philox.h), one word of each in the lower half of a lane. What the upper halves
// hold is of no matter: a product of lower halves fills the lane, and its upper half is shifted down.
typedef uint64_t blocks __attribute__((ext_vector_type(VECTOR_WIDTH / 2)));
enum { group = 2 * VECTOR_WIDTH };  // elements that eight blocks decide over

INLINE blocks low(blocks x) { return x & 0xFFFFFFFF; }

// The words of elements first ..< first + 32, where `first` is a multiple of 32, in their order.
INLINE void draw(words drawn[2], size_t first, const capstan_dropout *dropout) {
  blocks a = low((blocks)(first / 4) + (blocks){0, 1, 2, 3, 4, 5, 6, 7});
  blocks b = dropout->sample, c = dropout->step, d = dropout->site;
  uint32_t key0 = (uint32_t)dropout->seed, key1 = (uint32_t)(dropout->seed >> 32);
  for (int round = 0; round < 10; round++) {
    blocks product0 = low(a) * 0xD2511F53u, product1 = low(c) * 0xCD9E8D57u;
    a = product1 >> 32 ^ b ^ key0;
    c = product0 >> 32 ^ d ^ key1;
    b = product1;
    d = product0;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  blocks ab = low(a) | b << 32, cd = low(c) | d << 32;
  drawn[0] = (words)__builtin_shufflevector(ab, cd, 0, 8, 1, 9, 2, 10, 3, 11);
  drawn[1] = (words)__builtin_shufflevector(ab, cd, 4, 12, 5, 13, 6, 14, 7, 15);
}

// y = x * mask, or y = addend + x * mask, for elements offset ..< offset + count of the sample's block.
INLINE void add_dropout_range(float *y, const float *addend, const float *x, size_t offset, size_t count,
                              const capstan_dropout *dropout) {
  words threshold = (uint32_t)(dropout->probability * 4294967296.0);
  vector kept = splat(1.0f / (1.0f - dropout->probability));
  for (size_t i = 0; i < count;) {
    size_t skip = (offset + i) % group, take = group - skip < count - i ? group - skip : count - i;
    words drawn[2];
    draw(drawn, offset + i - skip, dropout);
    vector factors[2] = {select(drawn[0] < threshold, splat(0), kept), select(drawn[1] < threshold, splat(0), kept)};
    if (take == group) {
      for (size_t j = 0; j < group; j += VECTOR_WIDTH) {
        vector v = load(x + i + j, VECTOR_WIDTH) * factors[j / VECTOR_WIDTH];
        store(y + i + j, addend ? load(addend + i + j, VECTOR_WIDTH) + v : v, VECTOR_WIDTH);
      }
    } else {
      const float *factor = (const float *)factors + skip;
      for (size_t j = 0; j < take; j++) y[i + j] = addend ? addend[i + j] + x[i + j] * factor[j] : x[i + j] * factor[j];
    }
    i += take;
  }
}

INLINE void dropout_range(float *y, const float *x, size_t offset, size_t count, const capstan_dropout *dropout) {
  add_dropout_range(y, NULL, x, offset, count, dropout);
}

static void drop(float *y, const float *addend, const float *x, size_t count, const capstan_dropout *dropout) {
  if (addend)
    add_dropout_range(y, addend, x, 0, count, dropout);
  else
    dropout_range(y, x, 0, count, dropout);
}
