// Multiply-adds as fast as this processor can: the speed that no matrix product exceeds.
#pragma once

// Runs some millions of independent multiply-adds of floats in the widest vectors, all in registers. Returns
// how many floating-point operations they were; 0, without running any, where the widest vectors are not known.
double capstan_multiply_adds(void);

// The same of bfloat16 pairs that are added up in float32: in AMX's tiles, or else in AVX-512's vectors. Returns 0
// where the processor has neither.
double capstan_bfloat16_multiply_adds(void);
