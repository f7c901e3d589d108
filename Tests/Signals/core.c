// Preloaded into capstan, an OpenBLAS that has chosen a core far too low, unless the environment names one: on any
// processor the program then starts itself a second time.
#include <stdlib.h>

char *openblas_get_corename(void) {
  char *core = getenv("OPENBLAS_CORETYPE");
  return core ? core : "Prescott";
}
