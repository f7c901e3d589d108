// One step of a long short-term memory (Hochreiter and Schmidhuber 1997) with forget gate (Gers et al. 2000): with the
// sums of the gates i, j, f and o, cell = sigmoid(f + bias) * previous + sigmoid(i) * tanh(j), and
// hidden = sigmoid(o) * tanh(cell).

INLINE vector sigmoid(vector x) { return splat(1) / (splat(1) + exponential(-x)); }

static void lstm(float *gates, float *cell, float *hidden, const float *previous_cell, float forget_bias,
                 size_t width) {
  float *is = gates, *js = is + width, *fs = js + width, *os = fs + width;
  FOR_EACH_VECTOR(k, n, width) {
    vector i = sigmoid(load(is + k, n)), j = hyperbolic_tangent(load(js + k, n));
    vector f = sigmoid(load(fs + k, n) + splat(forget_bias)), o = sigmoid(load(os + k, n));
    vector c = f * load(previous_cell + k, n) + i * j;
    store(is + k, i, n);
    store(js + k, j, n);
    store(fs + k, f, n);
    store(os + k, o, n);
    store(cell + k, c, n);
    store(hidden + k, o * hyperbolic_tangent(c), n);
  }
}

// With y = sigmoid(x), dx = dy y (1 - y).
INLINE vector through_sigmoid(vector dy, vector y) { return dy * (y * (splat(1) - y)); }

static void lstm_gradient(float *d_gates, float *d_cell, const float *d_hidden, const float *gates, const float *cell,
                          const float *previous_cell, size_t width) {
  FOR_EACH_VECTOR(k, n, width) {
    vector i = load(gates + k, n), j = load(gates + width + k, n);
    vector f = load(gates + 2 * width + k, n), o = load(gates + 3 * width + k, n);
    vector dh = load(d_hidden + k, n), tangent = hyperbolic_tangent(load(cell + k, n));
    vector dc = load(d_cell + k, n) + dh * o * tanh_slope(tangent);
    store(d_gates + k, through_sigmoid(dc * j, i), n);
    store(d_gates + width + k, dc * i * tanh_slope(j), n);
    store(d_gates + 2 * width + k, through_sigmoid(dc * load(previous_cell + k, n), f), n);
    store(d_gates + 3 * width + k, through_sigmoid(dh * tangent, o), n);
    store(d_cell + k, dc * f, n);
  }
}
