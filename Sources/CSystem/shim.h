// What glibc declares for GNU sources alone, as which Swift does not import it.
#ifndef CAPSTAN_CSYSTEM_H
#define CAPSTAN_CSYSTEM_H

#include <fcntl.h>

int renameat2(int, const char *, int, const char *, unsigned int);

/// Two names of one file system change places. 0, or -1 with errno.
static inline int capstan_exchange(const char *a, const char *b) {
  const unsigned int exchange = 2;  // RENAME_EXCHANGE
  return renameat2(AT_FDCWD, a, AT_FDCWD, b, exchange);
}

#endif
