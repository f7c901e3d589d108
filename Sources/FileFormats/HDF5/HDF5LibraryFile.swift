import CHDF5
import Foundation
import Support

/// An HDF5 file that is read by HDF5's own library: in whatever form others have written it, chunked, compressed, with
/// another byte order or a user block.
///
/// The library crashes or hangs on about one damaged file in a hundred, and takes the memory that a file asks for. So
/// this is for a process that does nothing else, and whose end its parent outlives: see `HDF5Child`.
public final class HDF5LibraryFile {
  private let path: String
  private let id: hid_t

  /// More are not listed.
  private static let mostDatasets = 1_000_000
  /// Levels of groups.
  private static let deepest = 8
  /// Bytes of a row, or of a chunk.
  private static let largestPiece = 1 << 30
  /// Bytes that are read at a time, where chunks are not larger.
  private static let piece = 16 << 20

  /// - Throws: `Failure.badData` where the library cannot open it.
  public init(path: String) throws {
    self.path = path
    capstan_h5e_silence()
    try LZFFilter.register()
    id = try HDF5Library.check(H5Fopen(path, capstan_h5f_read_only(), 0)) { reason in
      .badData("\(path) cannot be opened as HDF5 (\(reason)); copy it again or recreate it.")
    }
  }

  deinit { H5Fclose(id) }

  private func damaged(_ place: String) -> (_ reason: String) -> Failure {
    { [path] reason in
      // As of h5py's libver="latest" by a release of HDF5 that this one does not know.
      let isNewer = reason.contains("version number")
      return .badData(
        "\(path): \(place) cannot be read by HDF5 \(HDF5Library.version) (\(reason)); "
          + (isNewer
            ? "write it with libver=\"v110\", or copy it again." : "copy the file again or recreate it."))
    }
  }

  // MARK: - What is there

  public func listing() throws -> HDF5Listing {
    var datasets: [HDF5Listing.Dataset] = []
    try list(group: id, name: "", levels: Self.deepest, into: &datasets)
    return HDF5Listing(datasets: datasets.sorted { $0.name < $1.name }, attributes: attributes())
  }

  private func list(group: hid_t, name: String, levels: Int, into datasets: inout [HDF5Listing.Dataset])
    throws
  {
    for link in try links(of: group, name) {
      let path = name.isEmpty ? link : "\(name)/\(link)"
      let object = try HDF5Library.check(H5Oopen(group, link, 0), otherwise: damaged(path))
      defer { H5Oclose(object) }
      switch H5Iget_type(object) {
      case H5I_GROUP where levels > 0:
        try list(group: object, name: path, levels: levels - 1, into: &datasets)
      case H5I_DATASET where datasets.count < Self.mostDatasets:
        let dataset = try Contents(object, path, damaged(path))
        datasets.append(HDF5Listing.Dataset(name: path, shape: dataset.shape, type: dataset.typeName))
      default: break
      }
    }
  }

  /// The names of a group's hard links: others may lead into other files.
  private func links(of group: hid_t, _ name: String) throws -> [String] {
    var names: [String] = []
    try withUnsafeMutablePointer(to: &names) { names in
      _ = try HDF5Library.check(
        capstan_h5l_iterate(
          group,
          { name, names in
            guard let name, let names else { return -1 }
            names.assumingMemoryBound(to: [String].self).pointee.append(String(cString: name))
            return 0
          }, names),
        otherwise: damaged("the group /\(name)"))
    }
    return names
  }

  /// Those of a store.
  private func attributes() -> [String: String] {
    var values: [String: String] = [:]
    for name in ["schema", "version", "encoder", "normalized", "source"] {
      let attribute = H5Aopen(id, name, 0)
      guard attribute >= 0 else { continue }
      defer { H5Aclose(attribute) }
      let (type, space) = (H5Aget_type(attribute), H5Aget_space(attribute))
      defer {
        H5Tclose(type)
        H5Sclose(space)
      }
      guard H5Sget_simple_extent_npoints(space) == 1, H5Tget_size(type) <= 1 << 20 else { continue }
      var bytes = [UInt8](repeating: 0, count: max(8, H5Tget_size(type)) + 1)
      switch H5Tget_class(type) {
      case H5T_INTEGER where H5Aread(attribute, capstan_h5t_native_int64(), &bytes) >= 0:
        values[name] = "\(bytes.withUnsafeBytes { $0.loadUnaligned(as: Int64.self) })"
      // h5py's booleans.
      case H5T_ENUM where H5Tget_size(type) == 1 && H5Aread(attribute, type, &bytes) >= 0:
        values[name] = "\(bytes[0])"
      case H5T_STRING where H5Aread(attribute, type, &bytes) >= 0:
        if H5Tis_variable_str(type) > 0 {
          let text = bytes.withUnsafeBytes { $0.loadUnaligned(as: UnsafeMutablePointer<CChar>?.self) }
          values[name] = text.map { String(cString: $0) }
          H5free_memory(text)
        } else {
          values[name] = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
      default: break
      }
    }
    return values
  }

  // MARK: - Elements

  /// Writes a dataset as a `.npy` file: floating-point numbers in their precision, integers as `int64`, strings as bytes
  /// of UTF-8.
  /// - Throws: `Failure.badData` where it holds something else, nothing at all, or cannot be read.
  public func write(_ name: String, to output: String) throws {
    let file = try OutputFile(creating: output)
    let dataset = try open(name)
    defer { H5Dclose(dataset.id) }
    try dataset.requireContent(in: path)
    if dataset.isString {
      try write(dataset.strings(), shape: dataset.shape, to: file)
    } else {
      try file.write(NumpyHeader.bytes(type: dataset.numpyType(in: path), shape: dataset.shape))
      try dataset.forEachPiece(in: path, file.write)
    }
    try file.close()
  }

  /// Writes datasets of the same shape and type, one for each image, as one `.npy` file with a row for each. Leading
  /// dimensions of 1 are left out: `[1, 512]` and `[512]` are a row of 512.
  public func writeRows(_ names: [String], to output: String) throws {
    let file = try OutputFile(creating: output)
    var first: (shape: [Int], type: String)?
    for name in names {
      let dataset = try open(name)
      defer { H5Dclose(dataset.id) }
      try dataset.requireContent(in: path)
      let form = (shape: Array(dataset.shape.drop { $0 == 1 }), type: try dataset.numpyType(in: path))
      if let first {
        guard first == form else {
          throw Failure.badData(
            "\(path): \(name) is \(dataset.typeName) of shape \(dataset.shape), but \(names[0]) has another shape or type; "
              + "the embeddings of all images must be alike.")
        }
      } else {
        first = form
        try file.write(NumpyHeader.bytes(type: form.type, shape: [names.count] + form.shape))
      }
      try dataset.forEachPiece(in: path, file.write)
    }
    try file.close()
  }

  private func write(_ strings: [[UInt8]], shape: [Int], to file: OutputFile) throws {
    let length = max(1, strings.map(\.count).max() ?? 0)
    guard length <= 1 << 20, length * strings.count <= Self.largestPiece else {
      throw Failure.badData(
        "\(path) has a string of \(length) bytes among \(strings.count), which is longer than ids and captions are; make it "
          + "anew.")
    }
    try file.write(NumpyHeader.bytes(type: "|S\(length)", shape: shape))
    for piece in strings.indices.pieces(of: 1024) {
      try file.write(Data(strings[piece].flatMap { $0 + repeatElement(0, count: length - $0.count) }))
    }
  }

  private func open(_ name: String) throws -> Contents {
    let dataset = try HDF5Library.check(H5Dopen2(id, name, 0), otherwise: damaged(name))
    return try Contents(dataset, name, damaged(name))
  }

  /// A dataset that is open.
  private final class Contents {
    let id: hid_t
    private let name: String
    let shape: [Int]
    private let type: hid_t
    private let space: hid_t
    private let failure: (_ reason: String) -> Failure

    init(_ id: hid_t, _ name: String, _ failure: @escaping (_ reason: String) -> Failure) throws {
      (self.id, self.name, self.failure) = (id, name, failure)
      type = try HDF5Library.check(H5Dget_type(id), otherwise: failure)
      space = try HDF5Library.check(H5Dget_space(id), otherwise: failure)
      let rank = try HDF5Library.check(H5Sget_simple_extent_ndims(space), otherwise: failure)
      var extents = [hsize_t](repeating: 0, count: Int(rank))
      try HDF5Library.check(H5Sget_simple_extent_dims(space, &extents, nil), otherwise: failure)
      shape = extents.map { Int(clamping: $0) }
    }

    deinit {
      H5Tclose(type)
      H5Sclose(space)
    }

    var isString: Bool { H5Tget_class(type) == H5T_STRING }
    private var elementSize: Int { H5Tget_size(type) }

    var typeName: String {
      switch H5Tget_class(type) {
      case H5T_FLOAT: "float\(8 * elementSize)"
      case H5T_INTEGER: "\(H5Tget_sign(type) == H5T_SGN_NONE ? "uint" : "int")\(8 * elementSize)"
      case H5T_STRING: "string"
      case H5T_ENUM: "enumeration"
      case H5T_COMPOUND: "compound"
      case H5T_ARRAY: "array"
      case H5T_VLEN: "variable-length"
      case H5T_REFERENCE: "reference"
      default: "other"
      }
    }

    func numpyType(in path: String) throws -> String {
      switch (H5Tget_class(type), elementSize) {
      case (H5T_FLOAT, 2): return "<f2"
      case (H5T_FLOAT, 4): return "<f4"
      case (H5T_FLOAT, 8...): return "<f8"
      case (H5T_INTEGER, _): return "<i8"
      default:
        throw Failure.badData(
          "\(path): \(name) is of the type \(typeName), but numbers were expected; name another dataset.")
      }
    }

    /// - Throws: `Failure.badData` where the elements were never written, are in other files, or claim to be more than
    ///   the file can hold.
    func requireContent(in path: String) throws {
      let creation = try HDF5Library.check(H5Dget_create_plist(id), otherwise: failure)
      defer { H5Pclose(creation) }
      guard H5Pget_layout(creation) != H5D_VIRTUAL, H5Pget_external_count(creation) <= 0 else {
        throw Failure.badData(
          "\(path): the elements of \(name) are in other files, which are not followed; copy them into one file."
        )
      }
      guard !shape.isEmpty, !shape.contains(0), H5Dget_storage_size(id) > 0 else {
        throw Failure.badData("\(path): \(name) holds no rows; name another dataset.")
      }
      let size = (try? Data(mapping: path).count) ?? 0
      guard let count = elementCount(of: shape), count <= inflationLimit(storedSize: size) / elementSize,
        try chunkSize(creation) <= HDF5LibraryFile.largestPiece
      else {
        throw Failure.badData(
          "\(path): \(name) claims the shape \(shape), more than a file of \(size) bytes can hold; recreate it."
        )
      }
    }

    /// Bytes of a chunk; 0 where there are none.
    private func chunkSize(_ creation: hid_t) throws -> Int { try chunk(creation).reduce(elementSize, *) }

    private func chunk(_ creation: hid_t) throws -> [Int] {
      guard H5Pget_layout(creation) == H5D_CHUNKED else { return [0] }
      var extents = [hsize_t](repeating: 0, count: shape.count)
      try HDF5Library.check(H5Pget_chunk(creation, Int32(shape.count), &extents), otherwise: failure)
      return extents.map { Int(clamping: min($0, 1 << 31)) }
    }

    /// Reads rows by rows, as `numpyType` says.
    func forEachPiece(in path: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
      let (memory, size): (hid_t, Int) =
        switch (H5Tget_class(type), elementSize) {
        case (H5T_FLOAT, 2): (HDF5Writer.makeHalfType(), 2)
        case (H5T_FLOAT, 4): (H5Tcopy(capstan_h5t_float32()), 4)
        case (H5T_FLOAT, _): (H5Tcopy(capstan_h5t_float64()), 8)
        default: (H5Tcopy(capstan_h5t_int64()), 8)
        }
      defer { H5Tclose(memory) }
      try forEachPiece(of: memory, size: size) { bytes, _ in try body(UnsafeRawBufferPointer(bytes)) }
    }

    /// As they are in the file, up to their padding.
    func strings() throws -> [[UInt8]] {
      var strings: [[UInt8]] = []
      let isVariable = H5Tis_variable_str(type) > 0
      let isPadded = H5Tget_strpad(type) == H5T_STR_SPACEPAD
      let size = isVariable ? MemoryLayout<UnsafeMutablePointer<CChar>?>.size : elementSize
      try forEachPiece(of: type, size: size) { bytes, space in
        for start in stride(from: 0, to: bytes.count, by: size) {
          if isVariable {
            let text = bytes.loadUnaligned(fromByteOffset: start, as: UnsafePointer<CChar>?.self)
            strings.append(text.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } ?? [])
          } else {
            var element = Array(bytes[start..<start + size].prefix { $0 != 0 })
            while isPadded, element.last == UInt8(ascii: " ") { element.removeLast() }
            strings.append(element)
          }
        }
        if isVariable { H5Dvlen_reclaim(type, space, 0, bytes.baseAddress) }
      }
      return strings
    }

    private func forEachPiece(
      of memoryType: hid_t, size: Int,
      _ body: (_ bytes: UnsafeMutableRawBufferPointer, _ space: hid_t) throws -> Void
    ) throws {
      let creation = try HDF5Library.check(H5Dget_create_plist(id), otherwise: failure)
      defer { H5Pclose(creation) }
      let rowSize = shape.dropFirst().reduce(size, *)
      let chunkRows = max(1, try chunk(creation)[0])
      // Whole chunks, or each would be unpacked several times.
      let rows = max(1, HDF5LibraryFile.piece / rowSize / chunkRows) * chunkRows
      let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: min(rows, shape[0]) * rowSize, alignment: 64)
      defer { buffer.deallocate() }
      for piece in (0..<shape[0]).pieces(of: rows) {
        let start = [hsize_t(piece.lowerBound)] + shape.dropFirst().map { _ in 0 }
        let extents = ([piece.count] + shape.dropFirst()).map { hsize_t($0) }
        try HDF5Library.check(
          H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nil, extents, nil), otherwise: failure)
        let memory = try HDF5Library.check(
          H5Screate_simple(Int32(extents.count), extents, nil), otherwise: failure)
        defer { H5Sclose(memory) }
        let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(piece.count * rowSize)])
        try HDF5Library.check(
          H5Dread(id, memoryType, memory, space, 0, bytes.baseAddress), otherwise: failure)
        try body(bytes, memory)
      }
    }
  }
}
