#pragma once
#include "amx_probe.h"
#include "finite.h"
#include "half.h"
#include "kernels.h"
#include "multiply_add.h"
#include "philox.h"
#include "triad.h"
