// Philox4x32-10, the counter-based generator of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3"
// (SC 2011): a block cipher of ten rounds turns a 128-bit counter and a 64-bit key into four random words. A draw is
// a pure function of (key, counter), which is what makes dropout and sampling independent of ranks and threads.
#pragma once
#include <stdint.h>

typedef struct {
  uint32_t word[4];
} capstan_philox_block;

static inline capstan_philox_block capstan_philox(uint64_t key, capstan_philox_block counter) {
  uint32_t key0 = (uint32_t)key, key1 = (uint32_t)(key >> 32);
  for (int round = 0; round < 10; round++) {
    uint64_t product0 = (uint64_t)0xD2511F53u * counter.word[0];
    uint64_t product1 = (uint64_t)0xCD9E8D57u * counter.word[2];
    counter.word[0] = (uint32_t)(product1 >> 32) ^ counter.word[1] ^ key0;
    counter.word[2] = (uint32_t)(product0 >> 32) ^ counter.word[3] ^ key1;
    counter.word[1] = (uint32_t)product1;
    counter.word[3] = (uint32_t)product0;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return counter;
}
