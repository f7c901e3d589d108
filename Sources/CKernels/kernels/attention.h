// Softmax attention of one head over one short sequence (Vaswani et al. 2017, section 3.2.1), as products of matrices
// that are small enough for the nearest cache.

// products[j] = factor * (a . row j), for `count` rows; 16 rows at a time, to share the work of adding lanes.
INLINE void dot_rows(float *products, float factor, const float *a, const float *rows, size_t stride, size_t count,
                     size_t width) {
  FOR_EACH_VECTOR(first, n, count) {
    vector partial[LANES];
    for (size_t j = 0; j < LANES; j++) {
      const float *row = rows + (first + (j < n ? j : n - 1)) * stride;  // after the last, the last again
      partial[j] = splat(0);
      FOR_EACH_VECTOR(i, m, width) partial[j] += load(a + i, m) * load(row + i, m);
    }
    store(products + first, splat(factor) * sums(partial), n);
  }
}

// y = the sum of weights[j] * row j, for `count` rows in order, or y += it. Four vectors of y are summed side by side, so that
// one addition need not wait for the other.
INLINE void add_rows(float *y, const float *weights, size_t weight_stride, const float *rows, size_t stride,
                     size_t count, size_t width, bool accumulate) {
  for (size_t first = 0; first < width; first += 4 * LANES) {
    vector total[4] = {0};
    size_t n[4];
    for (size_t c = 0; c < 4; c++) {
      size_t left = width - first > c * LANES ? width - first - c * LANES : 0;
      n[c] = left < LANES ? left : LANES;
      if (accumulate) total[c] = load(y + first + c * LANES, n[c]);
    }
    for (size_t j = 0; j < count; j++) {
      vector weight = splat(weights[j * weight_stride]);
      const float *row = rows + j * stride + first;
      for (size_t c = 0; c < 4; c++) total[c] += weight * load(row + c * LANES, n[c]);
    }
    for (size_t c = 0; c < 4; c++) store(y + first + c * LANES, total[c], n[c]);
  }
}

INLINE size_t keys_seen(const capstan_attention_head *head, size_t query) {
  return query + head->visible < head->keys ? query + head->visible : head->keys;
}

INLINE capstan_shared_keys shared_keys(const capstan_attention_head *head) {
  return head->shared ? *head->shared : (capstan_shared_keys){0};
}

// The first query that sees the key.
INLINE size_t first_query(const capstan_attention_head *head, size_t key) {
  size_t query = key < head->visible ? 0 : key - head->visible + 1;
  return query < head->queries ? query : head->queries;
}

// The probabilities as they are used: after dropout, which draws by the element's place in the head.
INLINE const float *dropped(float *scratch, const float *probabilities, const capstan_attention_head *head) {
  if (!head->dropout) return probabilities;
  dropout_range(scratch, probabilities, head->dropout_offset, head->queries * head->keys, head->dropout);
  return scratch;
}

INLINE void attend(float *out, size_t out_stride, float *probabilities, float *scratch,
                   const capstan_attention_head *head, size_t width) {
  capstan_shared_keys shared = shared_keys(head);
  for (size_t q = 0; q < head->queries; q++) {
    const float *query = head->query + q * head->query_stride;
    float *row = probabilities + q * head->keys;
    dot_rows(row, head->scale, query, shared.key, shared.stride, shared.count, width);
    dot_rows(row + shared.count, head->scale, query, head->key, head->key_stride, keys_seen(head, q) - shared.count,
             width);
  }
  for (size_t q = 0; q < head->queries; q++) {
    size_t seen = keys_seen(head, q);
    softmax(probabilities + q * head->keys, seen);
    memset(probabilities + q * head->keys + seen, 0, (head->keys - seen) * sizeof(float));
  }
  const float *used = dropped(scratch, probabilities, head);
  for (size_t q = 0; q < head->queries; q++) {
    const float *row = used + q * head->keys;
    if (shared.count) add_rows(out + q * out_stride, row, 1, shared.value, shared.stride, shared.count, width, false);
    add_rows(out + q * out_stride, row + shared.count, 1, head->value, head->value_stride,
             keys_seen(head, q) - shared.count, width, shared.count > 0);
  }
}

// With p the probabilities and u = p * mask as used: dv_k = sum_q u_qk d_out_q; dp_qk = mask_qk (d_out_q . v_k);
// dscore_qk = scale p_qk (dp_qk - sum_j p_qj dp_qj); dq_q = sum_k dscore_qk k_k; dk_k = sum_q dscore_qk q_q.
INLINE void attend_gradient(float *d_query, float *d_key, float *d_value, const float *d_out, size_t out_stride,
                            const float *probabilities, float *scratch, const capstan_attention_head *head,
                            size_t width) {
  size_t queries = head->queries, keys = head->keys;
  float *d_score = scratch + queries * keys;
  const float *used = dropped(scratch, probabilities, head);
  for (size_t q = 0; q < queries; q++) {
    float *d_row = d_score + q * keys;
    size_t seen = keys_seen(head, q);
    dot_rows(d_row, 1, d_out + q * out_stride, head->value, head->value_stride, seen, width);
    memset(d_row + seen, 0, (keys - seen) * sizeof(float));
  }
  if (head->dropout) dropout_range(d_score, d_score, head->dropout_offset, queries * keys, head->dropout);
  for (size_t q = 0; q < queries; q++) {
    const float *row = probabilities + q * keys;
    float *d_row = d_score + q * keys;
    size_t seen = keys_seen(head, q);
    vector mean = splat(0);
    FOR_EACH_VECTOR(k, n, seen) mean += load(row + k, n) * load(d_row + k, n);
    mean = splat(sum(mean));
    FOR_EACH_VECTOR(k, n, seen)
      store(d_row + k, splat(head->scale) * load(row + k, n) * (load(d_row + k, n) - mean), n);
    add_rows(d_query + q * head->query_stride, d_row, 1, head->key, head->key_stride, seen, width,
             false);
  }
  for (size_t k = 0; k < keys; k++) {
    size_t q = first_query(head, k), place = q * keys + k;
    add_rows(d_key + k * head->key_stride, d_score + place, keys, head->query + q * head->query_stride,
             head->query_stride, queries - q, width, false);
    add_rows(d_value + k * head->value_stride, used + place, keys, d_out + q * out_stride, out_stride, queries - q,
             width, false);
  }
}

// Where the width is known when this is compiled, a row of a head stays in registers: GPT-2's heads are 64 wide,
// those of ClipCap's mapping network 96.
#define FOR_WIDTH(FUNCTION, ...)                             \
  switch (head->width) {                                     \
    case 64: return FUNCTION(__VA_ARGS__, head, 64);         \
    case 96: return FUNCTION(__VA_ARGS__, head, 96);         \
    default: return FUNCTION(__VA_ARGS__, head, head->width); \
  }

static void attention(float *out, size_t out_stride, float *probabilities, float *scratch,
                      const capstan_attention_head *head) {
  FOR_WIDTH(attend, out, out_stride, probabilities, scratch)
}

static void attention_gradient(float *d_query, float *d_key, float *d_value, const float *d_out, size_t out_stride,
                               const float *probabilities, float *scratch, const capstan_attention_head *head) {
  FOR_WIDTH(attend_gradient, d_query, d_key, d_value, d_out, out_stride, probabilities, scratch)
}
