// The kernels in what every processor of the architecture has.
#define TILE "tile_pairs.h"
#define TILE_ROWS 2
#include "kernels/table.h"

const capstan_kernels capstan_kernels_portable = KERNELS("portable");
