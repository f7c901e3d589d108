#pragma once
#include "finite.h"
#include "half.h"
#include "kernels.h"
#include "philox.h"
