// Pairs of bfloat16 multiplied without an instruction for it: as the upper halves of floats. A product of two
// bfloat16 numbers is exact in float32, so that nothing is rounded but the sum: first the later number of the pair is
// added, then the earlier, as AVX-512's instruction for it does.
INLINE vector add_pair_products(vector sum, words a, words b) {
  sum += (vector)(a & 0xffff0000u) * (vector)(b & 0xffff0000u);
  return sum + (vector)(a << 16) * (vector)(b << 16);
}
