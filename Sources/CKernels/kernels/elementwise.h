// Kernels that look at one element at a time, and sums over columns.

static void add(float *sum, const float *a, const float *b, size_t count) {
  FOR_EACH_VECTOR(i, n, count) store(sum + i, load(a + i, n) + load(b + i, n), n);
}

static void scale(float *x, float factor, size_t count) {
  FOR_EACH_VECTOR(i, n, count) store(x + i, load(x + i, n) * splat(factor), n);
}

static void fill_rows(float *y, const float *row, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) memcpy(y + r * columns, row, columns * sizeof(float));
}

static void column_sums(float *sums, const float *x, size_t rows, size_t columns, size_t stride) {
  memset(sums, 0, columns * sizeof(float));
  for (size_t r = 0; r < rows; r++) add(sums, sums, x + r * stride, columns);
}

static double sum_of_squares(const float *x, size_t count) {
  double partial[LANES] = {0};
  for (size_t i = 0; i < count; i++) partial[i % LANES] += (double)x[i] * x[i];
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) partial[i] += partial[i + half];
  return partial[0];
}

// GELU in its tanh form (Hendrycks and Gimpel 2016, section 2): 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
#define GELU_SCALE 0.7978845608028654f
#define GELU_CUBIC 0.044715f

INLINE vector gelu_of(vector x) {
  vector inner = splat(GELU_SCALE) * (x + splat(GELU_CUBIC) * x * x * x);
  return splat(0.5f) * x * (splat(1.0f) + hyperbolic_tangent(inner));
}

INLINE vector gelu_slope(vector x) {
  vector t = hyperbolic_tangent(splat(GELU_SCALE) * (x + splat(GELU_CUBIC) * x * x * x));
  vector slope = splat(GELU_SCALE) * (splat(1.0f) + splat(3 * GELU_CUBIC) * x * x);
  return splat(0.5f) * (splat(1.0f) + t) + splat(0.5f) * x * (splat(1.0f) - t * t) * slope;
}

INLINE vector relu_of(vector x) { return maximum(x, splat(0)); }

#define FUNCTION(NAME, OF)                                                      \
  static void NAME(float *y, const float *x, size_t count) {                    \
    FOR_EACH_VECTOR(i, n, count) store(y + i, OF(load(x + i, n)), n);           \
  }

// `known` is the input or the output of the function, whichever its slope is computed from.
#define GRADIENT(NAME, SLOPE)                                                            \
  static void NAME(float *dx, const float *dy, const float *known, size_t count) {       \
    FOR_EACH_VECTOR(i, n, count) store(dx + i, load(dy + i, n) * SLOPE(load(known + i, n)), n); \
  }

INLINE vector relu_slope(vector y) { return select(y > splat(0), splat(1), splat(0)); }
INLINE vector tanh_slope(vector y) { return splat(1) - y * y; }

FUNCTION(gelu, gelu_of)
FUNCTION(relu, relu_of)
FUNCTION(hyperbolic_tangents, hyperbolic_tangent)
GRADIENT(gelu_gradient, gelu_slope)
GRADIENT(relu_gradient, relu_slope)
GRADIENT(tanh_gradient, tanh_slope)
