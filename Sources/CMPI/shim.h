// The parts of MPI's interface that are macros in Open MPI and so invisible to Swift.
#pragma once
#include <mpi.h>

static inline MPI_Comm capstan_mpi_world(void) { return MPI_COMM_WORLD; }
static inline MPI_Datatype capstan_mpi_byte(void) { return MPI_BYTE; }
static inline MPI_Datatype capstan_mpi_float(void) { return MPI_FLOAT; }
static inline MPI_Datatype capstan_mpi_int(void) { return MPI_INT; }
static inline MPI_Status *capstan_mpi_ignore_status(void) { return MPI_STATUS_IGNORE; }
