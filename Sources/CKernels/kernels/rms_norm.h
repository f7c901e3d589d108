// Normalisation by the root of the mean square (Zhang and Sennrich 2019), one row after the other: y = x / root * scale.

static void rms_norm(float *y, float *inverse_root, const float *x, const float *scale, float epsilon, size_t rows,
                     size_t columns) {
  for (size_t r = 0; r < rows; r++, x += columns, y += columns) {
    vector squares = splat(0);
    FOR_EACH_VECTOR(i, n, columns) {
      vector v = load(x + i, n);
      squares += v * v;
    }
    float s = 1.0f / sqrtf(sum(squares) / columns + epsilon);
    inverse_root[r] = s;
    FOR_EACH_VECTOR(i, n, columns) store(y + i, load(x + i, n) * splat(s) * load(scale + i, n), n);
  }
}

// With z = x / root and g = dy * scale: dx = (g - z * mean(g * z)) / root.
static void rms_norm_gradient(float *dx, const float *dy, const float *x, const float *inverse_root,
                              const float *scale, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++, x += columns, dy += columns, dx += columns) {
    vector s = splat(inverse_root[r]), total = splat(0);
    FOR_EACH_VECTOR(i, n, columns) total += load(dy + i, n) * load(scale + i, n) * (load(x + i, n) * s);
    vector mean = splat(sum(total) / columns);
    FOR_EACH_VECTOR(i, n, columns) {
      vector g = load(dy + i, n) * load(scale + i, n), z = load(x + i, n) * s;
      store(dx + i, (g - z * mean) * s, n);
    }
  }
}

static void rms_norm_parameter_gradient(float *d_scale, const float *dy, const float *x, const float *inverse_root,
                                        size_t rows, size_t columns) {
  memset(d_scale, 0, columns * sizeof(float));
  for (size_t r = 0; r < rows; r++, x += columns, dy += columns) {
    vector s = splat(inverse_root[r]);
    FOR_EACH_VECTOR(i, n, columns)
      store(d_scale + i, load(d_scale + i, n) + load(dy + i, n) * (load(x + i, n) * s), n);
  }
}
