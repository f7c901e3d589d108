import CHDF5
import Foundation
import Support

/// Makes an HDF5 file, in the form that the oldest readers understand and without times of writing, so that
/// the same content gives the same bytes. Every method throws `Failure.runtime` where the file cannot be
/// written.
///
/// The file is complete when `close()` has returned; write through `DurableFile` to have it complete or
/// absent.
public final class HDF5Writer {
  private let path: String
  private var id: hid_t

  /// Creates the file, or empties the one that is there.
  public init(creating path: String) throws {
    self.path = path
    id = try HDF5Library.enter {
      try HDF5Library.check(H5Fcreate(path, capstan_h5f_truncate(), 0, 0), otherwise: Self.unwritable(path))
    }
  }

  deinit { if id >= 0 { HDF5Library.enter { _ = close(id) } } }

  /// Writes what is still in memory and closes the file.
  public func close() throws {
    try HDF5Library.enter {
      try check(H5Fflush(id, H5F_SCOPE_LOCAL))
      unlock()
      try check(close(id))
    }
  }

  /// Gives up HDF5's lock, which to close the file does not do while another process has the descriptor too: one that
  /// is being started meanwhile, for HDF5 opens files for all children.
  private func unlock() {
    var descriptor: UnsafeMutableRawPointer?
    guard H5Fget_vfd_handle(id, 0, &descriptor) >= 0, let descriptor else { return }
    flock(descriptor.load(as: Int32.self), LOCK_UN)
  }

  /// Only once, for an id whose file could not be closed leads to memory that is no longer its own.
  private func close(_ file: hid_t) -> herr_t {
    id = -1
    return H5Fclose(file)
  }

  // MARK: Attributes of the root

  public func set(attribute name: String, to value: String) throws {
    try HDF5Library.enter {
      let type = Self.makeStringType()
      defer { H5Tclose(type) }
      try value.withCString { start in
        try withUnsafePointer(to: start) { try set(attribute: name, of: type, to: $0) }
      }
    }
  }

  public func set(attribute name: String, to value: Int) throws {
    try withUnsafePointer(to: Int64(value)) { value in
      try HDF5Library.enter { try set(attribute: name, of: capstan_h5t_int64(), to: value) }
    }
  }

  /// As the enumeration of FALSE and TRUE that h5py takes for a boolean.
  public func set(attribute name: String, to value: Bool) throws {
    try HDF5Library.enter {
      let type = try check(H5Tenum_create(capstan_h5t_native_int8()))
      defer { H5Tclose(type) }
      for (name, value) in [("FALSE", Int8(0)), ("TRUE", 1)] {
        _ = try withUnsafePointer(to: value) { try check(H5Tenum_insert(type, name, $0)) }
      }
      try withUnsafePointer(to: Int8(value ? 1 : 0)) { try set(attribute: name, of: type, to: $0) }
    }
  }

  private func set(attribute name: String, of type: hid_t, to value: UnsafeRawPointer) throws {
    let space = try check(H5Screate(H5S_SCALAR))
    defer { H5Sclose(space) }
    let attribute = try check(H5Acreate2(id, name, type, space, 0, 0))
    defer { H5Aclose(attribute) }
    try check(H5Awrite(attribute, type, value))
  }

  // MARK: Datasets, contiguous, in groups that are made on the way

  /// Writes an array of half or single precision under its name, a piece at a time: each piece that the entry
  /// hands over must be whole rows, and a row is all of the array but its first dimension.
  public func write(_ entry: ArrayEntry) throws {
    precondition([.float16, .float32].contains(entry.element), "HDF5 files hold half and single precision")
    let rowShape = entry.shape.dropFirst()
    let bytesPerRow = rowShape.reduce(entry.element.size, *)
    try HDF5Library.enter {
      let type = entry.element == .float16 ? Self.makeHalfType() : H5Tcopy(capstan_h5t_float32())
      defer { H5Tclose(type) }
      try create(entry.name, of: type, shape: entry.shape) { dataset in
        let space = try check(H5Dget_space(dataset))
        defer { H5Sclose(space) }
        var row = 0
        try entry.write(to: path) { piece in
          guard bytesPerRow > 0, piece.count >= bytesPerRow else { return }
          let count = piece.count / bytesPerRow
          let start = [hsize_t(row)] + rowShape.map { _ in hsize_t(0) }
          let extents = ([count] + rowShape).map { hsize_t($0) }
          try check(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nil, extents, nil))
          let memory = try check(H5Screate_simple(Int32(extents.count), extents, nil))
          defer { H5Sclose(memory) }
          try check(H5Dwrite(dataset, type, memory, space, 0, piece.baseAddress))
          row += count
        }
      }
    }
  }

  public func write(_ integers: [Int], as name: String) throws {
    try HDF5Library.enter {
      try integers.withUnsafeBytes {
        try write($0, of: capstan_h5t_int64(), shape: [integers.count], as: name)
      }
    }
  }

  /// As UTF-8 of variable length. A string ends at its first NUL.
  public func write(_ strings: [String], as name: String) throws {
    var text: [UInt8] = []
    var offsets: [Int] = []
    for string in strings {
      offsets.append(text.count)
      text.append(contentsOf: string.utf8)
      text.append(0)
    }
    try HDF5Library.enter {
      let type = Self.makeStringType()
      defer { H5Tclose(type) }
      try text.withUnsafeBytes { text in
        let pointers = offsets.map { text.baseAddress?.advanced(by: $0) }
        try pointers.withUnsafeBytes { try write($0, of: type, shape: [strings.count], as: name) }
      }
    }
  }

  private func write(
    _ bytes: UnsafeRawBufferPointer, of type: hid_t, shape: [Int], as name: String
  ) throws {
    try create(name, of: type, shape: shape) { dataset in
      if !bytes.isEmpty { try check(H5Dwrite(dataset, type, 0, 0, 0, bytes.baseAddress)) }
    }
  }

  /// Makes a dataset, and hands it to `fill`.
  private func create(
    _ name: String, of type: hid_t, shape: [Int], _ fill: (_ dataset: hid_t) throws -> Void
  ) throws {
    let extents = shape.map { hsize_t($0) }
    let space = try check(H5Screate_simple(Int32(extents.count), extents, nil))
    defer { H5Sclose(space) }
    let links = try check(H5Pcreate(capstan_h5p_link_create()))
    defer { H5Pclose(links) }
    try check(H5Pset_create_intermediate_group(links, 1))
    let creation = try check(H5Pcreate(capstan_h5p_dataset_create()))
    defer { H5Pclose(creation) }
    try check(H5Pset_obj_track_times(creation, false))

    let dataset = try check(H5Dcreate2(id, name, type, space, links, creation, 0))
    do {
      try fill(dataset)
    } catch {
      H5Dclose(dataset)
      throw error
    }
    try check(H5Dclose(dataset))  // which still writes what is small
  }

  /// HDF5 1.10 has no name for half precision; h5py builds the type from its fields in this way.
  static func makeHalfType() -> hid_t {
    let half = H5Tcopy(capstan_h5t_float32())
    H5Tset_fields(half, 15, 10, 5, 0, 10)
    H5Tset_size(half, 2)
    H5Tset_ebias(half, 15)
    return half
  }

  private static func makeStringType() -> hid_t {
    let type = H5Tcopy(capstan_h5t_c_string())
    H5Tset_size(type, capstan_h5t_variable())
    H5Tset_cset(type, H5T_CSET_UTF8)
    return type
  }

  @discardableResult
  private func check<Result: SignedInteger>(_ result: Result) throws -> Result {
    try HDF5Library.check(result, otherwise: Self.unwritable(path))
  }

  private static func unwritable(_ path: String) -> (_ reason: String) -> Failure {
    { reason in
      .runtime("Could not write \(path) (\(reason)); free some space or choose another place.")
    }
  }
}
