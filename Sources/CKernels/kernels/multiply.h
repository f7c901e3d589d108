// A product around the sums that an instruction set provides: one pass over the inner dimension for each 32 x 32 of the
// result, with the sums in registers.
//
// An element is one sum for each lane, in ascending order of the inner dimension, and the lanes' sums are added in the
// tree: its bits do not depend on how a product is cut.
//
// The instruction set defines
//   void sum_block(float *sums, sum_operands *operands, waiting_sums *waiting)
// which finishes what waits, and then writes at least the block's rows of sums, [32][32].

// How many of the lanes before it the sum of a lane is to be added to: as a binary counter carries.
INLINE size_t carries(size_t lane) { return (size_t)__builtin_ctzll(~(unsigned long long)lane); }

// For the caches: rows such that their part of the left operand stays in the second one; then the right operand streams
// through it once.
static void multiply(const capstan_product *p) {
  float room[TREE_LEVELS][CAPSTAN_PANEL * CAPSTAN_PANEL] __attribute__((aligned(64)));
  float last[2][CAPSTAN_PANEL * CAPSTAN_PANEL] __attribute__((aligned(64)));
  waiting_sums w = {0};
  int turn = 0;
  size_t row_panels = (p->rows + CAPSTAN_PANEL - 1) / CAPSTAN_PANEL;
  // A few lines in each step bring the next panel of the right operand into the second cache: up to 11 % of a product's
  // time (measured on Intel Emerald Rapids).
  size_t lines_ahead = row_panels ? (CAPSTAN_PANEL + row_panels - 1) / row_panels : 0;
  SUMS_BEGIN();
  for (size_t column = 0; column < p->columns; column += CAPSTAN_PANEL) {
    const uint32_t *b = p->b + column / CAPSTAN_PANEL * p->b_panel;
    const uint32_t *ahead = b + p->b_panel;
    if (column + CAPSTAN_PANEL >= p->columns) lines_ahead = 0;
    for (size_t row = 0; row < p->rows; row += CAPSTAN_PANEL) {
      const uint32_t *a = p->a + row / CAPSTAN_PANEL * p->a_panel;
      size_t rows = least(p->rows - row, CAPSTAN_PANEL);
      size_t waiting = 0;  // sums of lanes in the room
      for (size_t lane = 0; lane < p->lane_count; lane++) {
        bool is_last = lane + 1 == p->lane_count;
        size_t count = is_last ? waiting : carries(lane), first = p->lanes[lane].first_step * CAPSTAN_STEP;
        float *sums = count || is_last ? last[turn ^= 1] : room[waiting++];
        sum_operands operands = {a + first, b + first, rows, p->lanes[lane].pairs, lines_ahead, ahead};
        sum_block(sums, &operands, &w);
        ahead = operands.ahead;
        if (!count && !is_last) continue;
        w = (waiting_sums){.rows = rows, .sums = {sums}, .count = count + 1, .product = p, .row = row, .column = column};
        for (size_t i = 1; i <= count; i++) w.sums[i] = room[--waiting];
        w.finish = is_last ? epilogues[p->epilogue] : merge;
        if (!is_last) w.merged = room[waiting++];
      }
    }
  }
  finish_rows(&w, CAPSTAN_PANEL);
  SUMS_END();
  if (streams(p)) __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
