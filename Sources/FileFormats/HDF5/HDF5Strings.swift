import Foundation
import Support

/// Reads strings of one HDF5 type: of variable length or all of one length, in UTF-8 or its subset ASCII.
struct HDF5Strings: Sendable {
  private let type: HDF5Datatype
  private let place: String
  private var heap: HDF5GlobalHeap

  /// Longer ones are refused, so that a file that lies about the length cannot ask for all memory.
  private static let longest = 1 << 20

  /// `place` names what has the strings, which are `count`, in errors.
  init(_ type: HDF5Datatype, in file: HDF5Bytes, at place: String, count: Int = 1) throws {
    guard type.size <= Self.longest else {
      throw Failure.badData(
        "\(place) holds strings of \(type.size) bytes each; \(Self.longest) are the most, or store them with "
          + "variable length.")
    }
    switch type.storage {
    case .variableString, .fixedString: break
    default: throw file.unsupported("other strings")
    }
    (self.type, self.place, heap) = (type, place, HDF5GlobalHeap(of: file, strings: count))
  }

  /// The strings whose elements are `bytes`; each ends at its first NUL.
  mutating func strings(in bytes: UnsafeRawBufferPointer) throws -> [String] {
    var strings: [String] = []
    strings.reserveCapacity(bytes.count / type.size)
    for start in stride(from: 0, to: bytes.count, by: type.size) {
      let element = UnsafeRawBufferPointer(rebasing: bytes[start..<start + type.size])
      switch type.storage {
      case .fixedString(let hasSpaces):
        strings.append(try string(of: hasSpaces ? Self.withoutSpaces(element) : element))
      default: strings.append(try variableString(element))
      }
    }
    return strings
  }

  /// The first string whose element is in `bytes`.
  mutating func first(in bytes: Data) throws -> String? {
    try bytes.withUnsafeBytes { bytes in
      try strings(in: UnsafeRawBufferPointer(rebasing: bytes.prefix(type.size))).first
    }
  }

  /// What a reference, a length and a place in the heap, points to.
  private mutating func variableString(_ reference: UnsafeRawBufferPointer) throws -> String {
    let length = Int(reference.loadUnaligned(as: UInt32.self))
    guard length > 0 else { return "" }
    let object = try heap.object(
      reference.loadUnaligned(fromByteOffset: 12, as: UInt32.self),
      at: reference.loadUnaligned(fromByteOffset: 4, as: UInt64.self), length: length)
    return try object.collection.withUnsafeBytes {
      try string(of: UnsafeRawBufferPointer(rebasing: $0[object.place]))
    }
  }

  private static func withoutSpaces(_ element: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let end = element.lastIndex { $0 != UInt8(ascii: " ") }.map { $0 + 1 } ?? 0
    return UnsafeRawBufferPointer(rebasing: element.prefix(end))
  }

  private func string(of bytes: UnsafeRawBufferPointer) throws -> String {
    let end = bytes.firstIndex(of: 0) ?? bytes.count
    guard let text = String(validating: bytes.prefix(end), as: UTF8.self) else {
      throw Failure.badData(
        "\(place) is not UTF-8: one of its strings begins with "
          + "\"\(String(decoding: bytes, as: UTF8.self).prefix(40))\"; write it in UTF-8.")
    }
    return text
  }
}
