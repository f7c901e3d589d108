// The parts of MPI's interface that are macros in Open MPI and so invisible to Swift.
#pragma once
#include <mpi.h>
#include <stdint.h>

static inline MPI_Comm capstan_mpi_world(void) { return MPI_COMM_WORLD; }
static inline MPI_Datatype capstan_mpi_byte(void) { return MPI_BYTE; }
static inline MPI_Datatype capstan_mpi_float(void) { return MPI_FLOAT; }
static inline MPI_Datatype capstan_mpi_int(void) { return MPI_INT; }
static inline MPI_Status *capstan_mpi_ignore_status(void) { return MPI_STATUS_IGNORE; }
static inline MPI_Status *capstan_mpi_ignore_statuses(void) { return MPI_STATUSES_IGNORE; }
static inline MPI_Info capstan_mpi_no_info(void) { return MPI_INFO_NULL; }

// The ranks that can share memory with this one.
static inline int capstan_mpi_split_by_memory(MPI_Comm world, int key, MPI_Comm *node) {
  return MPI_Comm_split_type(world, MPI_COMM_TYPE_SHARED, key, MPI_INFO_NULL, node);
}

// A word in shared memory that one process writes and others watch: what was written before it is seen after it.
static inline void capstan_publish(uint64_t *word, uint64_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
}
static inline uint64_t capstan_published(const uint64_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
