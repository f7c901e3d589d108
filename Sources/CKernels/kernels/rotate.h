// Rotary positions (Su et al. 2021, section 3.2) with Llama's pairs: element k of a head and element k + half.

static void rotate(float *y, const float *x, const float *cosines, const float *sines, float direction, size_t heads,
                   size_t half) {
  for (size_t head = 0; head < heads; head++, x += 2 * half, y += 2 * half)
    FOR_EACH_VECTOR(i, n, half) {
      vector cosine = load(cosines + i, n), sine = load(sines + i, n) * splat(direction);
      vector a = load(x + i, n), b = load(x + half + i, n);
      store(y + i, a * cosine - b * sine, n);
      store(y + half + i, b * cosine + a * sine, n);
    }
}
