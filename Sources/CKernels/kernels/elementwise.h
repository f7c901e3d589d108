// Kernels that look at one element at a time, and sums over columns.

static void add(float *sum, const float *a, const float *b, size_t count) {
  FOR_EACH_VECTOR(i, n, count) store(sum + i, load(a + i, n) + load(b + i, n), n);
}

static void product(float *y, const float *a, const float *b, size_t count) {
  FOR_EACH_VECTOR(i, n, count) store(y + i, load(a + i, n) * load(b + i, n), n);
}

static void scale(float *x, float factor, size_t count) {
  FOR_EACH_VECTOR(i, n, count) store(x + i, load(x + i, n) * splat(factor), n);
}

static void shift(float *x, float addend, size_t count) {
  FOR_EACH_VECTOR(i, n, count) store(x + i, load(x + i, n) + splat(addend), n);
}

static float sum_of(const float *x, size_t count) {
  vector added = splat(0);
  FOR_EACH_VECTOR(i, n, count) added += load(x + i, n);
  return sum(added);
}

static void scale_columns(float *y, const float *x, const float *scale, const float *shift, size_t rows,
                          size_t columns) {
  for (size_t r = 0; r < rows; r++, x += columns, y += columns)
    FOR_EACH_VECTOR(i, n, columns) {
      vector scaled = load(x + i, n) * load(scale + i, n);
      store(y + i, shift ? scaled + load(shift + i, n) : scaled, n);
    }
}

static void fill_rows(float *y, const float *row, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) memcpy(y + r * columns, row, columns * sizeof(float));
}

static void column_sums(float *sums, const float *x, size_t rows, size_t columns, size_t stride) {
  memset(sums, 0, columns * sizeof(float));
  for (size_t r = 0; r < rows; r++) add(sums, sums, x + r * stride, columns);
}

static double sum_of_squares(const float *x, size_t count) {
  doubles partial = 0;
  FOR_EACH_VECTOR(i, n, count) {
    doubles wide = __builtin_convertvector(load(x + i, n), doubles);
    partial += wide * wide;
  }
  for (int half = VECTOR_WIDTH / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) partial[i] += partial[i + half];
  return partial[0];
}

// GELU in its tanh form (Hendrycks and Gimpel 2016, section 2), 0.5 x (1 + tanh(v)) with
// v = sqrt(2/pi) (x + 0.044715 x^3), as what that equals and costs one exponential: x sigmoid(2v) = x / (1 + e^(-2v)).
#define GELU_SCALE 0.7978845608028654f
#define GELU_CUBIC 0.044715f

INLINE vector gelu_decay(vector x) {
  return exponential(x * (splat(-2 * GELU_SCALE) + splat(-2 * GELU_SCALE * GELU_CUBIC) * (x * x)));
}

INLINE vector gelu_of(vector x) { return x / (splat(1) + gelu_decay(x)); }

// With s the sigmoid, s + x s (1 - s) 2v'. Beyond 16 the slope is 0 or 1, but x squared might overflow.
INLINE vector gelu_slope(vector x) {
  x = minimum(splat(16), maximum(splat(-16), x));
  vector decay = gelu_decay(x), s = splat(1) / (splat(1) + decay);
  vector inner = splat(2 * GELU_SCALE) + splat(6 * GELU_SCALE * GELU_CUBIC) * (x * x);
  return s + x * s * (s * decay) * inner;
}

// x sigmoid(kx): SiLU (Elfwing et al. 2017) for k = 1, the GELU that CLIP uses (Hendrycks and Gimpel 2016, section 2)
// for k = 1.702. Below -64 it is less than 1e-26 away from its value there, and its slope beyond 64 from 0 or 1; the bounds
// keep the exponential within what a float holds.
#define QUICK_GELU_SCALE 1.702f

INLINE vector swish(vector x, float k) {
  x = maximum(splat(-64), x);
  return x / (splat(1) + exponential(splat(-k) * x));
}

// With s the sigmoid, s + kx s (1 - s).
INLINE vector swish_slope(vector x, float k) {
  x = minimum(splat(64), maximum(splat(-64), x));
  vector decay = exponential(splat(-k) * x), s = splat(1) / (splat(1) + decay);
  return s + splat(k) * x * s * (s * decay);
}

INLINE vector silu_of(vector x) { return swish(x, 1); }
INLINE vector silu_slope(vector x) { return swish_slope(x, 1); }
INLINE vector quick_gelu_of(vector x) { return swish(x, QUICK_GELU_SCALE); }
INLINE vector quick_gelu_slope(vector x) { return swish_slope(x, QUICK_GELU_SCALE); }

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
FUNCTION(silu, silu_of)
FUNCTION(quick_gelu, quick_gelu_of)
FUNCTION(relu, relu_of)
FUNCTION(hyperbolic_tangents, hyperbolic_tangent)
GRADIENT(gelu_gradient, gelu_slope)
GRADIENT(silu_gradient, silu_slope)
GRADIENT(quick_gelu_gradient, quick_gelu_slope)
GRADIENT(relu_gradient, relu_slope)
GRADIENT(tanh_gradient, tanh_slope)
