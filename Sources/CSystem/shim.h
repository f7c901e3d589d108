// What Swift does not import of glibc: what is declared for GNU sources alone, and variables that it takes for unsafe.
#ifndef CAPSTAN_CSYSTEM_H
#define CAPSTAN_CSYSTEM_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

int renameat2(int, const char *, int, const char *, unsigned int);

/// Two names of one file system change places. 0, or -1 with errno.
static inline int capstan_exchange(const char *a, const char *b) {
  const unsigned int exchange = 2;  // RENAME_EXCHANGE
  return renameat2(AT_FDCWD, a, AT_FDCWD, b, exchange);
}

/// Writes out standard output. 0, or the number of the error by which any of it was lost.
static inline int capstan_flush_output(void) {
  errno = 0;
  if (fflush(stdout) == 0 && !ferror(stdout)) return 0;
  return errno ? errno : EIO;
}

#endif
