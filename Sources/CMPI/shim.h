// The parts of MPI's interface that are macros in Open MPI and so invisible to Swift.
#pragma once
#include <mpi.h>

static inline MPI_Comm capstan_mpi_comm_world(void) { return MPI_COMM_WORLD; }
