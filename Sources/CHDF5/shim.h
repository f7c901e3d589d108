// HDF5's C interface, and the parts of it that are macros and so invisible to Swift.
#pragma once
#include <hdf5.h>

static inline unsigned capstan_h5f_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned capstan_h5f_truncate(void) { return H5F_ACC_TRUNC; }

static inline hid_t capstan_h5p_link_create(void) { return H5P_LINK_CREATE; }
static inline hid_t capstan_h5p_dataset_create(void) { return H5P_DATASET_CREATE; }

static inline hid_t capstan_h5t_c_string(void) { return H5T_C_S1; }
static inline size_t capstan_h5t_variable(void) { return H5T_VARIABLE; }
static inline hid_t capstan_h5t_native_int8(void) { return H5T_NATIVE_INT8; }
static inline hid_t capstan_h5t_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t capstan_h5t_int64(void) { return H5T_STD_I64LE; }
static inline hid_t capstan_h5t_float32(void) { return H5T_IEEE_F32LE; }

static inline hid_t capstan_h5t_float64(void) { return H5T_IEEE_F64LE; }

static inline haddr_t capstan_h5_undefined_address(void) { return HADDR_UNDEF; }

// Failures become errors of ours, so HDF5 shall print nothing. Its thread-safe builds keep this setting per
// thread.
static inline void capstan_h5e_silence(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

static inline herr_t capstan_h5e_keep_first(unsigned depth, const H5E_error2_t *error, void *first) {
  if (depth == 0) *(const char **)first = error->desc;
  return 0;
}

// HDF5's own reason for the last failure of this thread, from where it was first noticed, valid until the
// next call of HDF5; NULL when it gives none.
static inline const char *capstan_h5e_innermost(void) {
  const char *first = NULL;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, capstan_h5e_keep_first, &first);
  return first;
}

// H5Literate over the hard links of a group, whose own callback has another type in each release.
typedef herr_t (*capstan_link_visitor)(const char *name, void *data);
typedef struct {
  capstan_link_visitor visit;
  void *data;
} capstan_link_visit;

static inline herr_t capstan_h5l_visit(hid_t group, const char *name, const H5L_info_t *info, void *visit) {
  const capstan_link_visit *link = (const capstan_link_visit *)visit;
  return info->type == H5L_TYPE_HARD ? link->visit(name, link->data) : 0;
}

static inline herr_t capstan_h5l_iterate(hid_t group, capstan_link_visitor visit, void *data) {
  capstan_link_visit link = {visit, data};
  return H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, capstan_h5l_visit, &link);
}
