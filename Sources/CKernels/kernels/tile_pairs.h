// Sums of a product without an instruction for pairs of bfloat16.
#include "pair_products.h"
#include "tile_vector.h"
