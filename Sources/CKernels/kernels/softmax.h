// The two halves of a softmax over one row: its normaliser, and the exponentials under it.

static void log_sum_exp(const float *x, size_t count, float *top, float *total) {
  vector high = splat(-INFINITY), added = splat(0);
  FOR_EACH_VECTOR(i, n, count) high = maximum(high, load_or(x + i, n, -INFINITY));
  *top = largest(high);
  FOR_EACH_VECTOR(i, n, count) {
    vector e = exponential(load_or(x + i, n, *top) - splat(*top));
    added += n == LANES ? e : load((const float *)&e, n);
  }
  *total = sum(added);
}

static void exponentials(float *x, size_t count, float shift, float factor) {
  FOR_EACH_VECTOR(i, n, count) store(x + i, exponential(load(x + i, n) - splat(shift)) * splat(factor), n);
}
