// Which instruction sets this processor has: asked of the processor at run time, never of the compiler.
#include <string.h>
#include "kernels.h"

extern const capstan_kernels capstan_kernels_portable;
#if defined(__x86_64__)
extern const capstan_kernels capstan_kernels_avx2;
extern const capstan_kernels capstan_kernels_avx512;
#endif

const capstan_kernels *capstan_kernels_named(const char *name) {
  if (strcmp(name, "portable") == 0) return &capstan_kernels_portable;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (strcmp(name, "avx2") == 0 && __builtin_cpu_supports("avx2")) return &capstan_kernels_avx2;
  if (strcmp(name, "avx512") == 0 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    return &capstan_kernels_avx512;
#endif
  return NULL;
}
