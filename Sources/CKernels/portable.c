// The kernels in what every processor of the architecture has.
#include "kernels/table.h"

const capstan_kernels capstan_kernels_portable = KERNELS("portable");
