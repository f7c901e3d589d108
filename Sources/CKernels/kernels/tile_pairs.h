// A product's tile without an instruction for pairs of bfloat16.
#include "pair_products.h"
#include "tile_vector.h"
