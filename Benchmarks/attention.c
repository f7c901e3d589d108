// Times attention and its gradient over a batch of 40 sequences of about GPT-2's width (see the script beside it).
#include "kernels.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { sequences = 40, total_width = 768, runs = 15 };

static double processor_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec + 1e-9 * time.tv_nsec;
}

static float *numbers(size_t count) {
  float *x = malloc(count * sizeof(float));
  for (size_t i = 0; i < count; i++) x[i] = rand() / (float)RAND_MAX - 0.5f;
  return x;
}

// The best of several runs, for what else the machine does makes them only slower.
static void measure(const capstan_kernels *kernels, size_t length, size_t visible, size_t width) {
  size_t heads = total_width / width, row = heads * width, square = length * length;
  float *inputs = numbers(sequences * length * 3 * row), *gradients = numbers(sequences * length * 3 * row);
  float *out = numbers(sequences * length * row), *d_out = numbers(sequences * length * row);
  float *probabilities = numbers(sequences * heads * square);
  float *scratch = numbers(16 * width + length * (length + 15) + 2 * square);
  double best[2] = {1e9, 1e9};
  for (int run = 0; run < runs; run++)
    for (int backward = 0; backward < 2; backward++) {
      double start = processor_seconds();
      for (size_t i = 0; i < sequences * heads; i++) {
        size_t sequence = i / heads, column = i % heads * width;
        float *query = inputs + sequence * length * 3 * row + column;
        float *d_query = gradients + sequence * length * 3 * row + column;
        size_t place = sequence * length * row + column;
        capstan_attention_head head = {
            .query = query, .key = query + row, .value = query + 2 * row,
            .query_stride = 3 * row, .key_stride = 3 * row, .value_stride = 3 * row,
            .queries = length, .keys = length, .width = width, .visible = visible, .scale = 0.125f};
        if (backward)
          kernels->attention_gradient(d_query, d_query + row, d_query + 2 * row, d_out + place, row,
                                      probabilities + i * square, scratch, &head);
        else
          kernels->attention(out + place, row, probabilities + i * square, scratch, &head);
      }
      double seconds = processor_seconds() - start;
      if (seconds < best[backward]) best[backward] = seconds;
    }
  double pairs = visible == 1 ? length * (length + 1) / 2.0 : square;
  double operations = 4.0 * sequences * heads * pairs * width;
  printf("%3zu keys%s, heads of %3zu: forward %5.1f GFLOP/s, backward %5.1f\n", length,
         visible == 1 ? ", causal" : "", width, 1e-9 * operations / best[0], 2e-9 * operations / best[1]);
  free(inputs), free(gradients), free(out), free(d_out), free(probabilities), free(scratch);
}

int main(int count, char **arguments) {
  const capstan_kernels *kernels = capstan_kernels_named(count > 1 ? arguments[1] : "avx2");
  if (!kernels) return fprintf(stderr, "This processor has no kernels for %s.\n", arguments[1]), 1;
  const size_t widths[] = {8, 13, 24, 40, 48, 64, 80, 96, 128};
  for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
    measure(kernels, 22, 1, widths[i]);
    measure(kernels, 80, 80, widths[i]);
  }
}
