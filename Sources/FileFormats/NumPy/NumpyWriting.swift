import Foundation
import Support

extension NumpyArchive {
  /// Writes a `.npz` file as `numpy.savez` does, uncompressed: arrays of numbers, then lists of strings, each
  /// under its name. The file is complete or absent, and the same arrays give the same bytes.
  ///
  /// Throws `Failure.runtime` where the file cannot be written or an array comes as other than its shape
  /// says, and what an array throws.
  public static func write(
    _ arrays: [ArrayEntry], strings: [(name: String, values: [String])] = [], to path: String
  ) throws {
    try DurableFile.write(to: path) { temporary in
      let file = try OutputFile(creating: temporary)
      let archive = ZipWriter(file)
      for array in arrays {
        let header = NumpyHeader.bytes(type: try numpyType(of: array), shape: array.shape)
        try archive.add("\(array.name).npy", size: header.count + array.byteCount()) { sink in
          try header.withUnsafeBytes(sink)
          try array.write(to: path, sink)
        }
      }
      for (name, values) in strings {
        let length = max(1, values.map(\.unicodeScalars.count).max() ?? 0)
        let header = NumpyHeader.bytes(type: "<U\(length)", shape: [values.count])
        try archive.add("\(name).npy", size: header.count + values.count * length * 4) { sink in
          try header.withUnsafeBytes(sink)
          for value in values {
            let codes = value.unicodeScalars.map(\.value.littleEndian)
            let padding = repeatElement(UInt32(0), count: length - codes.count)
            try (codes + padding).withUnsafeBytes(sink)
          }
        }
      }
      try archive.finish()
      try file.close()
    }
  }

  private static func numpyType(of array: ArrayEntry) throws -> String {
    guard let type = NumpyType.name(of: array.element) else {
      throw Failure.runtime("Could not write \(array.name), for numpy has no type \(array.element).")
    }
    return type
  }
}

extension NumpyHeader {
  /// A header of version 1, with the spaces that numpy adds, so that the elements begin at a multiple of 64.
  static func bytes(type: String, shape: [Int]) -> Data {
    let dimensions = shape.map { "\($0)," }.joined(separator: " ")
    let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(dimensions)), }"
    let unpadded = magic.count + 4 + text.utf8.count + 1
    let padded = text + String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    var header = Data(magic + [1, 0])
    header.append(littleEndian: UInt16(padded.utf8.count))
    return header + Data(padded.utf8)
  }
}
