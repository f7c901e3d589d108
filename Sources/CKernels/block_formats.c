#include "block_formats.h"

#include "half.h"

static float half_at(const uint8_t *bytes) {
  float value;
  capstan_half_to_float(bytes, &value, 1);
  return value;
}

// The low four bits of 16 bytes, then their high four.
static int nibble(const uint8_t *bytes, size_t i) { return i < 16 ? bytes[i] & 15 : bytes[i - 16] >> 4; }

static void q4_0(const uint8_t *block, float *values) {
  float scale = half_at(block);
  for (size_t i = 0; i < 32; i++) values[i] = scale * (float)(nibble(block + 2, i) - 8);
}

static void q4_1(const uint8_t *block, float *values) {
  float scale = half_at(block), minimum = half_at(block + 2);
  for (size_t i = 0; i < 32; i++) values[i] = scale * (float)nibble(block + 4, i) + minimum;
}

// With the fifth bit of each from 32 bits.
static int five_bits(const uint8_t *high, const uint8_t *low, size_t i) {
  return nibble(low, i) | (high[i / 8] >> i % 8 & 1) << 4;
}

static void q5_0(const uint8_t *block, float *values) {
  float scale = half_at(block);
  for (size_t i = 0; i < 32; i++) values[i] = scale * (float)(five_bits(block + 2, block + 6, i) - 16);
}

static void q5_1(const uint8_t *block, float *values) {
  float scale = half_at(block), minimum = half_at(block + 2);
  for (size_t i = 0; i < 32; i++) values[i] = scale * (float)five_bits(block + 4, block + 8, i) + minimum;
}

static void q8_0(const uint8_t *block, float *values) {
  float scale = half_at(block);
  for (size_t i = 0; i < 32; i++) values[i] = (float)(int8_t)block[2 + i] * scale;
}

// Six bits each of the scale and the minimum of 32 numbers: of the first four groups the low six of 4 bytes each, of the
// others four bits of the last 4 bytes and the two high bits of the first.
static void k_scale(const uint8_t *scales, size_t group, float *scale, float *minimum) {
  if (group < 4) {
    *scale = (float)(scales[group] & 63);
    *minimum = (float)(scales[group + 4] & 63);
  } else {
    uint8_t both = scales[group + 4];
    *scale = (float)((both & 15) | (scales[group - 4] >> 2 & 48));
    *minimum = (float)(both >> 4 | (scales[group] >> 2 & 48));
  }
}

// Eight groups of 32 numbers; two groups share 32 bytes, a nibble each. high: the fifth bits, a bit of each of 32 bytes
// for each group, or NULL.
static void k_groups(const uint8_t *block, const uint8_t *high, const uint8_t *low, float *values) {
  float d = half_at(block), d_minimum = half_at(block + 2);
  for (size_t group = 0; group < 8; group++) {
    float scale, minimum;
    k_scale(block + 4, group, &scale, &minimum);
    scale = d * scale;
    minimum = d_minimum * minimum;
    const uint8_t *bytes = low + group / 2 * 32;
    for (size_t i = 0; i < 32; i++) {
      int value = bytes[i] >> group % 2 * 4 & 15;
      if (high) value |= (high[i] >> group & 1) << 4;
      values[32 * group + i] = scale * (float)value - minimum;
    }
  }
}

static void q4_k(const uint8_t *block, float *values) { k_groups(block, NULL, block + 16, values); }

static void q5_k(const uint8_t *block, float *values) { k_groups(block, block + 16, block + 48, values); }

// Two halves of 128 numbers, each four groups of 32: nibbles of 64 bytes, two more bits of 32, a scale for 16 numbers.
static void q6_k(const uint8_t *block, float *values) {
  const uint8_t *scales = block + 192;
  float d = half_at(block + 208);
  for (size_t half = 0; half < 2; half++) {
    const uint8_t *low = block + 64 * half, *high = block + 128 + 32 * half;
    for (size_t group = 0; group < 4; group++) {
      for (size_t i = 0; i < 32; i++) {
        size_t at = 128 * half + 32 * group + i;
        int value = (low[group % 2 * 32 + i] >> group / 2 * 4 & 15) | (high[i] >> 2 * group & 3) << 4;
        values[at] = d * (float)(int8_t)scales[at / 16] * (float)(value - 32);
      }
    }
  }
}

void capstan_dequantize(capstan_block_format format, const uint8_t *blocks, size_t count, float *values) {
#define EACH_BLOCK(function, bytes, numbers) \
  for (size_t b = 0; b < count; b++) function(blocks + b * (bytes), values + b * (numbers))
  switch (format) {
    case CAPSTAN_Q4_0: EACH_BLOCK(q4_0, 18, 32); break;
    case CAPSTAN_Q4_1: EACH_BLOCK(q4_1, 20, 32); break;
    case CAPSTAN_Q5_0: EACH_BLOCK(q5_0, 22, 32); break;
    case CAPSTAN_Q5_1: EACH_BLOCK(q5_1, 24, 32); break;
    case CAPSTAN_Q8_0: EACH_BLOCK(q8_0, 34, 32); break;
    case CAPSTAN_Q4_K: EACH_BLOCK(q4_k, 144, 256); break;
    case CAPSTAN_Q5_K: EACH_BLOCK(q5_k, 176, 256); break;
    case CAPSTAN_Q6_K: EACH_BLOCK(q6_k, 210, 256); break;
  }
#undef EACH_BLOCK
}
