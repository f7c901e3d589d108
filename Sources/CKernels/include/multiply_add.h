// Multiply-adds as fast as this processor can: the speed that no matrix product exceeds.
#pragma once

// Runs some millions of independent multiply-adds of floats in the widest vectors, all in registers. Returns
// how many floating-point operations they were; 0, without running any, where the widest vectors are not known.
double capstan_multiply_adds(void);
