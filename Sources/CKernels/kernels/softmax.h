// A softmax over one row; and its two halves, the normaliser and the exponentials under it.

INLINE float largest_of(const float *x, size_t count) {
  vector high = splat(-INFINITY);
  FOR_EACH_VECTOR(i, n, count) high = maximum(high, load_or(x + i, n, -INFINITY));
  return largest(high);
}

static void log_sum_exp(const float *x, size_t count, float *top, float *total) {
  vector added = splat(0);
  *top = largest_of(x, count);
  FOR_EACH_VECTOR(i, n, count) added += first(exponential(load(x + i, n) - splat(*top)), n);
  *total = sum(added);
}

static void exponentials(float *x, size_t count, float shift, float factor) {
  FOR_EACH_VECTOR(i, n, count) store(x + i, exponential(load(x + i, n) - splat(shift)) * splat(factor), n);
}

INLINE void softmax(float *x, size_t count) {
  vector top = splat(largest_of(x, count)), added = splat(0);
  FOR_EACH_VECTOR(i, n, count) {
    vector e = exponential(load(x + i, n) - top);
    added += first(e, n);
    store(x + i, e, n);
  }
  scale(x, 1.0f / sum(added), count);
}
