#pragma once
#include "kernels.h"
#include "philox.h"
