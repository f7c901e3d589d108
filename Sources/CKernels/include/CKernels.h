#pragma once
#include "finite.h"
#include "half.h"
#include "kernels.h"
#include "multiply_add.h"
#include "philox.h"
#include "triad.h"
