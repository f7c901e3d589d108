import Foundation
import Support

/// The header of a safetensors file, and what it says of the rest.
struct SafetensorsHeader {
  /// The format's own limit.
  private static let longest = 100_000_000

  let metadata: [String: String]
  /// In the order of their data.
  let entries: [(name: String, array: StoredArray)]

  /// Throws `Failure.badData` that names `path` and the fault.
  init(of bytes: Data, path: String) throws {
    let damaged = { (fault: String) in
      // Names and shapes come from the file and may be of any length.
      Failure.badData(
        "\(path) is no safetensors file: \(fault.prefix(300)); copy it again or write it again.")
    }
    guard bytes.count >= 8 else {
      throw damaged("it has \(bytes.count) bytes, fewer than a header's length takes")
    }
    let length = UInt64(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
    guard length <= Self.longest, length <= bytes.count - 8 else {
      throw damaged("its header would be \(length) bytes long, in a file of \(bytes.count) bytes")
    }
    let data = bytes.dropFirst(8 + Int(length))
    var parser = SafetensorsHeaderParser(json: bytes.dropFirst(8).prefix(Int(length)), damaged: damaged)
    let header = try parser.parse()
    metadata = header.metadata

    var end = 0
    entries = try header.tensors.sorted { ($0.begin, $0.end) < ($1.begin, $1.end) }.map { tensor in
      guard tensor.begin == end, tensor.begin <= tensor.end, tensor.end <= data.count else {
        throw damaged(
          "\(tensor.name) has the data offsets \(tensor.begin) and \(tensor.end), but \(end) was to be the "
            + "first of them and \(data.count) the last in the file")
      }
      end = tensor.end
      let bytes = data.dropFirst(tensor.begin).prefix(tensor.end - tensor.begin)
      guard let count = elementCount(of: tensor.shape), count <= bytes.count,
        count * tensor.element.size == bytes.count
      else {
        throw damaged(
          "\(tensor.name) has \(bytes.count) bytes, which are no \(tensor.element) of the shape "
            + "\(tensor.shape)"
        )
      }
      return (tensor.name, StoredArray(shape: tensor.shape, element: tensor.element, bytes: bytes))
    }
    guard end == data.count else {
      throw damaged("its tensors take \(end) of its \(data.count) bytes of data")
    }
  }
}
