// Multiply-adds as fast as an instruction set can: the speed that no matrix product exceeds.
#pragma once

// Runs some millions of independent multiply-adds of floats in the vectors of an instruction set, one of those with
// kernels, all in registers. Returns how many floating-point operations they were; 0, without running any, where that
// is not known or this processor lacks them.
double capstan_multiply_adds(const char *instruction_set);

// The same of bfloat16 pairs that are added up in float32: in AMX's tiles or AVX-512's vectors where the instruction set
// has them, and else of floats, which is what products of bfloat16 are there.
double capstan_bfloat16_multiply_adds(const char *instruction_set);
