// The triad of McCalpin's STREAM: what memory gives when all that is done is to read and write it in order.
#pragma once
#include <stddef.h>

// a = b + factor * c. Stores go past the caches, so that the bytes that move are 12 for each element. a is aligned to
// 64 bytes.
void capstan_triad(float *a, const float *b, const float *c, float factor, size_t count);
