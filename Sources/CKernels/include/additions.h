// A chain of additions each of which waits for the one before: a cycle each on a core that is the program's own, and two
// where another program runs on the core's other hardware thread.
#pragma once

// Adds some thousands of times. Returns how often; 0, without adding, where it is not known how to keep the compiler from
// shortening the chain.
double capstan_dependent_additions(void);
