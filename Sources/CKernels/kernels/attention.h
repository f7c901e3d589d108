// Softmax attention of one head over one short sequence (Vaswani et al. 2017, section 3.2.1).

INLINE float dot(const float *a, const float *b, size_t count) {
  vector total = splat(0);
  FOR_EACH_VECTOR(i, n, count) total += load(a + i, n) * load(b + i, n);
  return sum(total);
}

// y += factor * x
INLINE void add_scaled(float *y, float factor, const float *x, size_t count) {
  FOR_EACH_VECTOR(i, n, count) store(y + i, load(y + i, n) + splat(factor) * load(x + i, n), n);
}

INLINE size_t keys_seen(const capstan_attention_head *head, size_t query) {
  return query + head->visible < head->keys ? query + head->visible : head->keys;
}

// The probabilities of one query as they are used: after dropout, which draws by the element's place in the head.
INLINE const float *dropped(float *scratch, const float *row, size_t query, size_t seen,
                            const capstan_attention_head *head) {
  if (!head->dropout) return row;
  dropout_range(scratch, row, head->dropout_offset + query * head->keys, seen, head->dropout);
  return scratch;
}

static void attention(float *out, size_t out_stride, float *probabilities, float *scratch,
                      const capstan_attention_head *head) {
  for (size_t q = 0; q < head->queries; q++) {
    float *row = probabilities + q * head->keys;
    size_t seen = keys_seen(head, q);
    for (size_t k = 0; k < seen; k++)
      row[k] = head->scale * dot(head->query + q * head->query_stride, head->key + k * head->key_stride, head->width);
    float top, total;
    log_sum_exp(row, seen, &top, &total);
    exponentials(row, seen, top, 1.0f / total);
    memset(row + seen, 0, (head->keys - seen) * sizeof(float));

    const float *factors = dropped(scratch, row, q, seen, head);
    float *result = out + q * out_stride;
    memset(result, 0, head->width * sizeof(float));
    for (size_t k = 0; k < seen; k++) add_scaled(result, factors[k], head->value + k * head->value_stride, head->width);
  }
}

// With p the probabilities and u = p * mask as used: dv_k += u_k d_out; dp_k = mask_k (d_out . v_k);
// dscore_k = p_k (dp_k - sum_j p_j dp_j); dq += scale dscore_k k_k; dk_k += scale dscore_k q.
static void attention_gradient(float *d_query, float *d_key, float *d_value, const float *d_out, size_t out_stride,
                               const float *probabilities, float *scratch, const capstan_attention_head *head) {
  float *used = scratch, *d_score = scratch + head->keys;
  for (size_t k = 0; k < head->keys; k++) {
    memset(d_key + k * head->key_stride, 0, head->width * sizeof(float));
    memset(d_value + k * head->value_stride, 0, head->width * sizeof(float));
  }
  for (size_t q = 0; q < head->queries; q++) {
    const float *row = probabilities + q * head->keys, *d_result = d_out + q * out_stride;
    size_t seen = keys_seen(head, q);
    const float *factors = dropped(used, row, q, seen, head);
    for (size_t k = 0; k < seen; k++) {
      add_scaled(d_value + k * head->value_stride, factors[k], d_result, head->width);
      d_score[k] = dot(d_result, head->value + k * head->value_stride, head->width);
    }
    if (head->dropout) dropout_range(d_score, d_score, head->dropout_offset + q * head->keys, seen, head->dropout);
    float mean = dot(row, d_score, seen);
    float *dq = d_query + q * head->query_stride;
    memset(dq, 0, head->width * sizeof(float));
    for (size_t k = 0; k < seen; k++) {
      float d = head->scale * row[k] * (d_score[k] - mean);
      add_scaled(dq, d, head->key + k * head->key_stride, head->width);
      add_scaled(d_key + k * head->key_stride, d, head->query + q * head->query_stride, head->width);
    }
  }
}
