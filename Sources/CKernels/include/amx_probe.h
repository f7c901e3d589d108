// Whether the tiles of AMX can be used: asked of the kernel (permission for their state) and then tried, because virtual
// machines are known to hide CPUID's leaf on palettes from processors that have them. Called first from one thread.
#pragma once
#include <stdbool.h>

bool capstan_amx_usable(void);
