import CHDF5
import Essentials
import Foundation

/// An HDF5 file that is open for reading.
///
/// Where the file system can lock, the file is locked against HDF5's writers as long as this object lives, so
/// that what is read in place stays as it is. `HDF5_USE_FILE_LOCKING=FALSE` in the environment turns that
/// off.
public final class HDF5File: @unchecked Sendable {
  public let path: String
  let id: hid_t
  /// The whole file.
  let bytes: Data

  /// Whether a regular file has HDF5's signature.
  public static func isHDF5(_ path: String) -> Bool { HDF5Library.enter { H5Fis_hdf5(path) > 0 } }

  /// The release of HDF5 that this program runs with.
  public static var libraryVersion: String {
    var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
    _ = HDF5Library.enter { H5get_libversion(&major, &minor, &release) }
    return "\(major).\(minor).\(release)"
  }

  /// Throws `Failure.badData` where the file is missing, is not HDF5, is cut short, or is open for writing.
  public init(path: String) throws {
    self.path = path
    bytes = try Data(mapping: path)
    id = try HDF5Library.enter {
      guard Self.isHDF5(path) else {
        throw Failure.badData("\(path) is not an HDF5 file: it has no HDF5 signature; name an HDF5 file.")
      }
      return try HDF5Library.check(H5Fopen(path, capstan_h5f_read_only(), 0)) { reason in
        reason.contains("unable to lock")
          ? .badData("\(path) is open for writing in another process; wait until that has closed it.")
          : .badData("\(path) cannot be opened as HDF5 (\(reason)); copy it again or make it anew.")
      }
    }
  }

  deinit { HDF5Library.enter { _ = H5Fclose(id) } }

  /// SHA-256 of the whole file, which is read for it: about a second for each gigabyte.
  public var fingerprint: Fingerprint { Fingerprint(of: bytes) }

  /// The dataset at a path such as `/captions/text`.
  public func dataset(_ name: String) throws -> HDF5Dataset { try HDF5Dataset(name, in: self) }

  /// Whether the root has an attribute of that name.
  public func hasAttribute(_ name: String) -> Bool { HDF5Library.enter { H5Aexists(id, name) > 0 } }

  /// A string attribute of the root.
  public func string(attribute name: String) throws -> String {
    try read(attribute: name, as: "a string") { id, type in
      guard H5Tget_class(type) == H5T_STRING else { return nil }
      return try HDF5Strings(type: type, of: place(name)).read(count: 1) { H5Aread(id, $0, $1) }.first
    }
  }

  /// An integer attribute of the root.
  public func integer(attribute name: String) throws -> Int {
    try read(attribute: name, as: "an integer") { id, type in
      guard H5Tget_class(type) == H5T_INTEGER else { return nil }
      var value = 0
      try HDF5Library.check(
        H5Aread(id, capstan_h5t_native_int64(), &value), otherwise: unreadable(place(name)))
      return value
    }
  }

  /// A truth value of the root: an integer, or the enumeration of FALSE and TRUE over a byte that h5py
  /// writes.
  public func bool(attribute name: String) throws -> Bool {
    try read(attribute: name, as: "true or false") { id, type in
      if H5Tget_class(type) == H5T_INTEGER { return try integer(attribute: name) != 0 }
      guard H5Tget_class(type) == H5T_ENUM, H5Tget_size(type) == 1 else { return nil }
      var value: Int8 = 0
      try HDF5Library.check(H5Aread(id, type, &value), otherwise: unreadable(place(name)))
      return value != 0
    }
  }

  /// Opens the attribute for `value`, which returns nil where the type is none that it can read.
  private func read<Value>(
    attribute name: String, as expected: String, _ value: (_ id: hid_t, _ type: hid_t) throws -> Value?
  ) throws -> Value {
    try HDF5Library.enter {
      guard hasAttribute(name) else {
        throw Failure.badData("\(path) has no attribute \(name); write \(expected) there.")
      }
      let attribute = try HDF5Library.check(H5Aopen(id, name, 0), otherwise: unreadable(place(name)))
      defer { H5Aclose(attribute) }
      let space = try HDF5Library.check(H5Aget_space(attribute), otherwise: unreadable(place(name)))
      defer { H5Sclose(space) }
      let type = try HDF5Library.check(H5Aget_type(attribute), otherwise: unreadable(place(name)))
      defer { H5Tclose(type) }
      guard H5Sget_simple_extent_npoints(space) == 1, let value = try value(attribute, type) else {
        throw Failure.badData(
          "\(path): the attribute \(name) is \(HDF5ElementType(type)) with "
            + "\(H5Sget_simple_extent_npoints(space)) elements; write \(expected) there.")
      }
      return value
    }
  }

  private func place(_ attribute: String) -> String { "\(path): the attribute \(attribute)" }
}

/// How the failure to read what stands at `place` is told.
func unreadable(_ place: String) -> (_ reason: String) -> Failure {
  { reason in .badData("\(place) cannot be read (\(reason)); copy the file again or make it anew.") }
}
