#define _GNU_SOURCE
#include "amx_probe.h"

#if defined(__x86_64__) && defined(__linux__)
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "amx_tiles.h"

static sigjmp_buf before;
static void illegal(int signal) { siglongjmp(before, signal); }

// One product of tiles that are configured as the kernels' are. 16 pairs of ones at 1.0 make sums of 32.
__attribute__((target("amx-tile,amx-bf16"))) static bool multiplies(void) {
  uint32_t ones[256];
  float sums[256] = {0};
  for (int i = 0; i < 256; i++) ones[i] = 0x3f803f80u;
  __builtin_ia32_tile_loadconfig(&full_tiles);
  __builtin_ia32_tilezero(0);
  __builtin_ia32_tileloadd64(4, ones, 64);
  __builtin_ia32_tileloadd64(6, ones, 64);
  __builtin_ia32_tdpbf16ps(0, 4, 6);
  __builtin_ia32_tilestored64(0, sums, 64);
  __builtin_ia32_tilerelease();
  for (int i = 0; i < 256; i++)
    if (sums[i] != 32) return false;
  return true;
}

static bool usable;

static void probe(void) {
  enum { request_permission = 0x1023, tile_data = 18 };
  if (syscall(SYS_arch_prctl, request_permission, tile_data) == 0) {
    struct sigaction guard = {.sa_handler = illegal}, former;
    sigaction(SIGILL, &guard, &former);
    if (sigsetjmp(before, 1) == 0) usable = multiplies();
    sigaction(SIGILL, &former, NULL);
  }
}

bool capstan_amx_usable(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, probe);
  return usable;
}
#else
bool capstan_amx_usable(void) { return false; }
#endif
