// Softmax attention of one head over one short sequence (Vaswani et al. 2017, section 3.2.1), as products of matrices
// that are small enough for the nearest caches.
//
// An element of a product stands in one lane of a vector, and its sum has one order, whatever is computed beside it:
// over the width of a head 16 partial sums and their tree, over queries or keys one after the other. So columns may be
// computed twice: the last vector of a row ends where the row ends, and nothing is masked or padded, whatever the width
// of a head.

typedef float half_vector __attribute__((ext_vector_type(VECTOR_WIDTH / 2)));
typedef float quarter_vector __attribute__((ext_vector_type(VECTOR_WIDTH / 4)));
typedef float single __attribute__((ext_vector_type(1)));

typedef struct {
  const float *first;
  size_t stride, count;
} some_rows;

// c = a · b
typedef struct {
  float *c;
  size_t c_stride;  // floats from row to row
  const float *a;
  size_t a_stride, a_step;  // floats from row to row, and from one element of a row to the next
  some_rows b;
} small_product;

// As many rows of c as leave AVX2 the registers for a row of b and for what is added.
enum { ROWS_AT_ONCE = 6 };

// Some rows of c, and as many columns as the type has lanes.
#define DEFINE_SUMS(TYPE)                                                                         \
  INLINE void rows_of_##TYPE##s(const small_product *p, size_t row, size_t column, size_t rows) { \
    TYPE total[ROWS_AT_ONCE];                                                                     \
    for (size_t r = 0; r < rows; r++) total[r] = (TYPE)0.0f;                                      \
    const float *a = p->a + row * p->a_stride;                                                    \
    const float *b = p->b.first + column;                                                         \
    for (size_t i = 0; i < p->b.count; i++) {                                                     \
      TYPE factor;                                                                                \
      memcpy(&factor, b, sizeof factor);                                                          \
      for (size_t r = 0; r < rows; r++) total[r] += (TYPE)a[r * p->a_stride] * factor;            \
      a += p->a_step;                                                                             \
      b += p->b.stride;                                                                           \
    }                                                                                             \
    float *c = p->c + row * p->c_stride + column;                                                 \
    for (size_t r = 0; r < rows; r++) memcpy(c + r * p->c_stride, &total[r], sizeof total[r]);    \
  }                                                                                               \
  static void sum_##TYPE##s(const small_product *p, size_t row, size_t column, size_t rows) {     \
    switch (rows) {                                                                               \
      case 1: return rows_of_##TYPE##s(p, row, column, 1);                                        \
      case 2: return rows_of_##TYPE##s(p, row, column, 2);                                        \
      case 3: return rows_of_##TYPE##s(p, row, column, 3);                                        \
      case 4: return rows_of_##TYPE##s(p, row, column, 4);                                        \
      case 5: return rows_of_##TYPE##s(p, row, column, 5);                                        \
      default: return rows_of_##TYPE##s(p, row, column, ROWS_AT_ONCE);                            \
    }                                                                                             \
  }
DEFINE_SUMS(vector)
DEFINE_SUMS(half_vector)
DEFINE_SUMS(quarter_vector)
DEFINE_SUMS(single)

// At most ROWS_AT_ONCE rows of c from one on, all columns.
INLINE void sum_row_block(const small_product *p, size_t row, size_t rows, size_t columns) {
  size_t column = 0;
  for (; column + VECTOR_WIDTH <= columns; column += VECTOR_WIDTH) sum_vectors(p, row, column, rows);
  size_t left = columns - column;
  if (left == 0) return;
  if (columns > VECTOR_WIDTH && left > VECTOR_WIDTH / 2) return sum_vectors(p, row, columns - VECTOR_WIDTH, rows);
  if (columns >= VECTOR_WIDTH / 2) {
    if (left > VECTOR_WIDTH / 2) sum_half_vectors(p, row, column, rows);
    return sum_half_vectors(p, row, columns - VECTOR_WIDTH / 2, rows);
  }
  if (columns >= VECTOR_WIDTH / 4) {
    sum_quarter_vectors(p, row, 0, rows);
    return sum_quarter_vectors(p, row, columns - VECTOR_WIDTH / 4, rows);
  }
  for (; column < columns; column++) sum_singles(p, row, column, rows);
}

// As many rows of dots as leave room for the sums that wait for their neighbours in the tree.
enum { DOTS_AT_ONCE = 2 };

// Some rows of dots, and as many columns as the type has lanes: b is a transpose, [width, 16]. What
// stands at a place in all vectors of a row is a partial sum; these are added as `sum` adds them, which takes them in
// an order in which each finds its neighbour waiting.
#define DEFINE_DOTS(TYPE)                                                                         \
  INLINE void rows_of_##TYPE##_dots(const small_product *p, size_t row, size_t rows) {            \
    const size_t place[VECTOR_WIDTH] = {0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15};           \
    const float *a = p->a + row * p->a_stride;                                                    \
    TYPE waiting[5][DOTS_AT_ONCE];                                                                \
    _Pragma("clang loop unroll(full)") for (size_t leaf = 0; leaf < VECTOR_WIDTH; leaf++) {              \
      TYPE total[DOTS_AT_ONCE];                                                                   \
      for (size_t r = 0; r < rows; r++) total[r] = (TYPE)0.0f;                                    \
      for (size_t i = place[leaf]; i < p->b.count; i += VECTOR_WIDTH) {                                  \
        TYPE factor;                                                                              \
        memcpy(&factor, p->b.first + i * VECTOR_WIDTH, sizeof factor);                                   \
        for (size_t r = 0; r < rows; r++) total[r] += (TYPE)a[r * p->a_stride + i] * factor;      \
      }                                                                                           \
      size_t level = 0;                                                                           \
      for (; leaf >> level & 1; level++)                                                          \
        for (size_t r = 0; r < rows; r++) total[r] += waiting[level][r];                          \
      for (size_t r = 0; r < rows; r++) waiting[level][r] = total[r];                             \
    }                                                                                             \
    float *c = p->c + row * p->c_stride;                                                          \
    for (size_t r = 0; r < rows; r++) memcpy(c + r * p->c_stride, &waiting[4][r], sizeof(TYPE));  \
  }                                                                                               \
  static void TYPE##_dots(const small_product *p, size_t row, size_t rows) {                      \
    for (; rows >= DOTS_AT_ONCE; row += DOTS_AT_ONCE, rows -= DOTS_AT_ONCE)                       \
      rows_of_##TYPE##_dots(p, row, DOTS_AT_ONCE);                                                \
    for (; rows > 0; row++, rows--) rows_of_##TYPE##_dots(p, row, 1);                             \
  }
DEFINE_DOTS(vector)
DEFINE_DOTS(half_vector)

INLINE size_t at_most(size_t limit, size_t count) { return count < limit ? count : limit; }

INLINE size_t keys_seen(const capstan_attention_head *head, size_t query) {
  return at_most(head->keys, query + head->visible);
}

// The first query that sees the key.
INLINE size_t first_query(const capstan_attention_head *head, size_t key) {
  return at_most(head->queries, key < head->visible ? 0 : key - head->visible + 1);
}

// The first `count` keys, or values.
INLINE some_rows rows_of(const capstan_attention_head *head, bool are_keys, size_t count) {
  return are_keys ? (some_rows){head->key, head->key_stride, count} : (some_rows){head->value, head->value_stride, count};
}

// The transpose of up to 16 rows; where there are fewer, the last stands for those that are missing.
// columns: [width, 16]
INLINE void transpose_rows(float *columns, some_rows rows, size_t width) {
  enum { N = VECTOR_WIDTH / 2 };
  size_t last = rows.count - 1, row = 0;
  for (; width >= N && row < rows.count; row += N) {
    for (size_t column = 0; column < width; column += N) {
      size_t start = at_most(width - N, column);
      half_vector v[N], w[N];
      for (size_t i = 0; i < N; i++)
        memcpy(&v[i], rows.first + at_most(last, row + i) * rows.stride + start, sizeof v[i]);
      for (size_t i = 0; i < N; i += 2) {
        w[i] = __builtin_shufflevector(v[i], v[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
        w[i + 1] = __builtin_shufflevector(v[i], v[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
      }
      for (size_t i = 0; i < N; i += 4)
        for (size_t j = i; j < i + 2; j++) {
          v[j] = __builtin_shufflevector(w[j], w[j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
          v[j + 2] = __builtin_shufflevector(w[j], w[j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
      for (size_t j = 0; j < N / 2; j++) {
        w[j] = __builtin_shufflevector(v[j], v[j + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        w[j + 4] = __builtin_shufflevector(v[j], v[j + 4], 4, 5, 6, 7, 12, 13, 14, 15);
      }
      for (size_t i = 0; i < N; i++) memcpy(columns + (start + i) * VECTOR_WIDTH + row, &w[i], sizeof w[i]);
    }
  }
  for (; row < VECTOR_WIDTH && width < N; row++)
    for (size_t column = 0; column < width; column++)
      columns[column * VECTOR_WIDTH + row] = rows.first[at_most(last, row) * rows.stride + column];
}

// Behind the keys of a row of products there is room for a vector that begins at the last.
INLINE size_t row_with_room(size_t keys) { return keys + VECTOR_WIDTH - 1; }

// How many elements of a head's [queries, keys] are there from one on, at most a vector. Who goes through them in order
// may so write whole vectors over what comes next.
INLINE size_t elements_from(size_t place, const capstan_attention_head *head) {
  return at_most(VECTOR_WIDTH, head->queries * head->keys - place);
}

// products[q][k] = query q of a · row k, where the query sees the key. What stands beside these is of no meaning.
// products: [queries, row_with_room(keys)]; columns: scratch, [width, 16]
INLINE void multiply_rows(float *products, float *columns, const float *a, size_t a_stride, bool are_keys,
                          const capstan_attention_head *head) {
  some_rows rows = rows_of(head, are_keys, head->keys);
  for (size_t key = 0; key < head->keys; key += VECTOR_WIDTH) {
    size_t count = at_most(VECTOR_WIDTH, head->keys - key);
    transpose_rows(columns, (some_rows){rows.first + key * rows.stride, rows.stride, count}, head->width);
    small_product p = {products + key, row_with_room(head->keys), a, a_stride, 1, {columns, VECTOR_WIDTH, head->width}};
    for (size_t row = first_query(head, key); row < head->queries; row += ROWS_AT_ONCE) {
      size_t n = at_most(ROWS_AT_ONCE, head->queries - row);
      if (at_most(count, keys_seen(head, row + n - 1) - key) <= VECTOR_WIDTH / 2)
        half_vector_dots(&p, row, n);
      else
        vector_dots(&p, row, n);
    }
  }
}

// y[q] = the sum of weights[q][k] * row k over the keys that query q sees; the weights of others are zero.
INLINE void add_rows(float *y, size_t y_stride, const float *weights, size_t stride, bool are_keys,
                     const capstan_attention_head *head) {
  small_product p = {y, y_stride, weights, stride, 1};
  for (size_t row = 0; row < head->queries; row += ROWS_AT_ONCE) {
    size_t n = at_most(ROWS_AT_ONCE, head->queries - row);
    p.b = rows_of(head, are_keys, keys_seen(head, row + n - 1));
    sum_row_block(&p, row, n, head->width);
  }
}

// y[k] = the sum of weights[q][k] * query q of x over the queries that see key k.
INLINE void add_queries(float *y, size_t y_stride, const float *weights, size_t stride, const float *x,
                        size_t x_stride, const capstan_attention_head *head) {
  for (size_t key = 0; key < head->keys; key += ROWS_AT_ONCE) {
    size_t query = first_query(head, key);
    small_product p = {y, y_stride, weights + query * stride, 1, stride,
                       {x + query * x_stride, x_stride, head->queries - query}};
    sum_row_block(&p, key, at_most(ROWS_AT_ONCE, head->keys - key), head->width);
  }
}

// The softmax of what each query sees, and zeros behind it. scores: [queries, row_with_room(keys)], overwritten.
// Each step is taken for 16 queries before the next, for within a row one waits for the other.
INLINE void softmax_rows(float *probabilities, float *scores, const capstan_attention_head *head) {
  size_t keys = head->keys, room = row_with_room(keys);
  float scale = head->scale;
  if (head->bias) {
    for (size_t q = 0; q < head->queries; q++)
      for (size_t k = 0; k < keys; k += VECTOR_WIDTH) {
        size_t place = q * keys + k;
        vector bias = load(head->bias + place, elements_from(place, head));
        store(scores + q * room + k, splat(scale) * load(scores + q * room + k, VECTOR_WIDTH) + bias, VECTOR_WIDTH);
      }
    scale = 1;
  }
  for (size_t first_row = 0; first_row < head->queries; first_row += VECTOR_WIDTH) {
    size_t rows = at_most(VECTOR_WIDTH, head->queries - first_row);
    float *block = scores + first_row * room;
    vector partial[VECTOR_WIDTH] = {0};
    float top[VECTOR_WIDTH], factor[VECTOR_WIDTH];
    for (size_t r = 0; r < rows; r++) {
      vector high = splat(-INFINITY);
      FOR_EACH_VECTOR(k, n, keys_seen(head, first_row + r)) {
        vector score = splat(scale) * load(block + r * room + k, VECTOR_WIDTH);
        high = maximum(high, first_or(score, n, -INFINITY));
      }
      top[r] = largest(high);
    }
    for (size_t r = 0; r < rows; r++)
      FOR_EACH_VECTOR(k, n, keys_seen(head, first_row + r)) {
        float *score = block + r * room + k;
        vector e = first(exponential(splat(scale) * load(score, VECTOR_WIDTH) - splat(top[r])), n);
        partial[r] += e;
        store(score, e, VECTOR_WIDTH);
      }
    store(factor, splat(1) / sums(partial), VECTOR_WIDTH);
    for (size_t r = 0; r < rows; r++) {
      size_t seen = keys_seen(head, first_row + r);
      for (size_t k = 0; k < keys; k += VECTOR_WIDTH) {
        size_t place = (first_row + r) * keys + k;
        vector p = k < seen ? splat(factor[r]) * load(block + r * room + k, VECTOR_WIDTH) : splat(0);
        store(probabilities + place, p, elements_from(place, head));
      }
    }
  }
}

static void attention(float *out, size_t out_stride, float *probabilities, float *scratch,
                      const capstan_attention_head *head) {
  float *columns = scratch, *scores = columns + head->width * VECTOR_WIDTH;
  multiply_rows(scores, columns, head->query, head->query_stride, true, head);
  softmax_rows(probabilities, scores, head);
  const float *used = probabilities;
  if (head->dropout) {
    dropout_range(scores, probabilities, head->dropout_offset, head->queries * head->keys, head->dropout);
    used = scores;
  }
  add_rows(out, out_stride, used, head->keys, false, head);
}

// With p the probabilities and u = p * mask as used: dv_k = sum_q u_qk d_out_q; dp_qk = mask_qk (d_out_q . v_k);
// dscore_qk = scale p_qk (dp_qk - sum_j p_qj dp_qj); dq_q = sum_k dscore_qk k_k; dk_k = sum_q dscore_qk q_q.
static void attention_gradient(float *d_query, float *d_key, float *d_value, const float *d_out, size_t out_stride,
                               const float *probabilities, float *scratch, const capstan_attention_head *head) {
  size_t queries = head->queries, keys = head->keys, room = row_with_room(keys);
  float *columns = scratch, *d_score = columns + head->width * VECTOR_WIDTH, *mask = NULL;
  const float *used = probabilities;
  if (head->dropout) {
    mask = d_score + queries * room;
    float *product = mask + queries * keys;
    FOR_EACH_VECTOR(i, n, queries * keys) store(mask + i, splat(1), n);
    dropout_range(mask, mask, head->dropout_offset, queries * keys, head->dropout);
    FOR_EACH_VECTOR(i, n, queries * keys) store(product + i, load(probabilities + i, n) * load(mask + i, n), n);
    used = product;
  }
  multiply_rows(d_score, columns, d_out, out_stride, false, head);
  for (size_t q = 0; q < queries; q++) {
    float *d = d_score + q * room;
    size_t seen = keys_seen(head, q);
    vector mean = splat(0);
    FOR_EACH_VECTOR(k, n, seen) {
      size_t place = q * keys + k, count = elements_from(place, head);
      vector d_p = load(d + k, VECTOR_WIDTH);
      if (mask) d_p *= load(mask + place, count);
      mean += first(load(probabilities + place, count) * d_p, n);
      store(d + k, d_p, VECTOR_WIDTH);
    }
    mean = splat(sum(mean));
    for (size_t k = 0; k < keys; k += VECTOR_WIDTH) {
      size_t place = q * keys + k;
      vector p = load(probabilities + place, elements_from(place, head));
      vector d_p = load(d + k, VECTOR_WIDTH), change = splat(head->scale) * p * (d_p - mean);
      size_t n = k < seen ? at_most(VECTOR_WIDTH, seen - k) : 0;
      if (head->bias_gradient) store(head->bias_gradient + place, first(p * (d_p - mean), n), elements_from(place, head));
      store(d + k, first(change, n), VECTOR_WIDTH);
    }
  }
  add_rows(d_query, head->query_stride, d_score, room, true, head);
  add_queries(d_key, head->key_stride, d_score, room, head->query, head->query_stride, head);
  add_queries(d_value, head->value_stride, used, keys, d_out, out_stride, head);
}
