// Layer normalisation (Ba et al. 2016), one row after the other: y = (x - mean) / deviation * scale + shift.
//
// The deviation is the root of the variance plus epsilon; or, unbiased, that of a sample, plus epsilon.

INLINE void normalize(float *y, float *mean, float *inverse_deviation, const float *x, const float *scale,
                      const float *shift, float epsilon, size_t rows, size_t columns, bool unbiased) {
  for (size_t r = 0; r < rows; r++, x += columns, y += columns) {
    vector total = splat(0), squares = splat(0);
    FOR_EACH_VECTOR(i, n, columns) total += load(x + i, n);
    float m = sum(total) / columns;
    FOR_EACH_VECTOR(i, n, columns) {
      vector centered = load_or(x + i, n, m) - splat(m);
      squares += centered * centered;
    }
    float s = unbiased ? 1.0f / (sqrtf(sum(squares) / (columns - 1)) + epsilon)
                       : 1.0f / sqrtf(sum(squares) / columns + epsilon);
    mean[r] = m;
    inverse_deviation[r] = s;
    FOR_EACH_VECTOR(i, n, columns)
      store(y + i, (load(x + i, n) - splat(m)) * splat(s) * load(scale + i, n) + load(shift + i, n), n);
  }
}

static void layer_norm(float *y, float *mean, float *inverse_deviation, const float *x, const float *scale,
                       const float *shift, float epsilon, size_t rows, size_t columns) {
  normalize(y, mean, inverse_deviation, x, scale, shift, epsilon, rows, columns, false);
}

static void layer_norm_unbiased(float *y, float *mean, float *inverse_deviation, const float *x, const float *scale,
                                const float *shift, float epsilon, size_t rows, size_t columns) {
  normalize(y, mean, inverse_deviation, x, scale, shift, epsilon, rows, columns, true);
}

// With z = (x - mean) / deviation and g = dy * scale: dx = addend + (g - mean(g) - z * mean(g * z)) / deviation. Unbiased, the last
// mean is divided by columns - 1 and by the part that the sample's deviation without epsilon has in the divisor; where
// all x are equal there is none of it.
INLINE void normalize_gradient(float *dx, const float *addend, const float *dy, const float *x, const float *mean,
                               const float *inverse_deviation, const float *scale, float epsilon, size_t rows,
                               size_t columns, bool unbiased) {
  for (size_t r = 0; r < rows; r++, x += columns, dy += columns, dx += columns) {
    vector m = splat(mean[r]), s = splat(inverse_deviation[r]);
    vector total_g = splat(0), total_gz = splat(0);
    FOR_EACH_VECTOR(i, n, columns) {
      vector g = load(dy + i, n) * load(scale + i, n);
      total_g += g;
      total_gz += g * ((load(x + i, n) - m) * s);
    }
    float part = 1 - epsilon * inverse_deviation[r];
    float mean_of_gz = !unbiased ? sum(total_gz) / columns : part > 0 ? sum(total_gz) / ((columns - 1) * part) : 0;
    vector mean_g = splat(sum(total_g) / columns), mean_gz = splat(mean_of_gz);
    FOR_EACH_VECTOR(i, n, columns) {
      vector g = load(dy + i, n) * load(scale + i, n), z = (load(x + i, n) - m) * s;
      vector v = (g - mean_g - z * mean_gz) * s;
      store(dx + i, addend ? load(addend + r * columns + i, n) + v : v, n);
    }
  }
}

static void layer_norm_gradient(float *dx, const float *addend, const float *dy, const float *x, const float *mean,
                                const float *inverse_deviation, const float *scale, size_t rows, size_t columns) {
  if (addend)
    normalize_gradient(dx, addend, dy, x, mean, inverse_deviation, scale, 0, rows, columns, false);
  else
    normalize_gradient(dx, NULL, dy, x, mean, inverse_deviation, scale, 0, rows, columns, false);
}

static void layer_norm_unbiased_gradient(float *dx, const float *addend, const float *dy, const float *x,
                                         const float *mean, const float *inverse_deviation, const float *scale,
                                         float epsilon, size_t rows, size_t columns) {
  normalize_gradient(dx, addend, dy, x, mean, inverse_deviation, scale, epsilon, rows, columns, true);
}

static void layer_norm_parameter_gradients(float *d_scale, float *d_shift, const float *dy, const float *x,
                                           const float *mean, const float *inverse_deviation, size_t rows,
                                           size_t columns) {
  memset(d_scale, 0, columns * sizeof(float));
  memset(d_shift, 0, columns * sizeof(float));
  for (size_t r = 0; r < rows; r++, x += columns, dy += columns) {
    vector m = splat(mean[r]), s = splat(inverse_deviation[r]);
    FOR_EACH_VECTOR(i, n, columns) {
      vector g = load(dy + i, n);
      store(d_scale + i, load(d_scale + i, n) + g * ((load(x + i, n) - m) * s), n);
      store(d_shift + i, load(d_shift + i, n) + g, n);
    }
  }
}
