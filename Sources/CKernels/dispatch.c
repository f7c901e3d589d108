// Which instruction sets this processor has: asked of the processor at run time, never of the compiler.
#include <string.h>
#include "amx_probe.h"
#include "kernels.h"

extern const capstan_kernels capstan_kernels_portable, capstan_kernels_amx_emulated;
#if defined(__x86_64__)
extern const capstan_kernels capstan_kernels_avx2, capstan_kernels_avx512, capstan_kernels_avx512bf16,
    capstan_kernels_amx;

static bool has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}
#endif

const capstan_kernels *capstan_kernels_named(const char *name) {
  if (strcmp(name, "portable") == 0) return &capstan_kernels_portable;
  if (strcmp(name, "amx-emulated") == 0) return &capstan_kernels_amx_emulated;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (strcmp(name, "avx2") == 0 && __builtin_cpu_supports("avx2")) return &capstan_kernels_avx2;
  if (strcmp(name, "avx512") == 0 && has_avx512()) return &capstan_kernels_avx512;
  if (strcmp(name, "avx512bf16") == 0 && has_avx512() && __builtin_cpu_supports("avx512bf16"))
    return &capstan_kernels_avx512bf16;
  if (strcmp(name, "amx") == 0 && has_avx512() && capstan_amx_usable()) return &capstan_kernels_amx;
#endif
  return NULL;
}
