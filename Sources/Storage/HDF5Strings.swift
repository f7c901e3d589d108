import Essentials
import Foundation

/// Reads strings of one HDF5 type: of variable length or all of one length, in UTF-8 or its subset ASCII.
struct HDF5Strings {
  private let type: HDF5Datatype
  private let file: HDF5Bytes
  private let place: String

  /// Longer ones are refused, so that a file that lies about the length cannot ask for all memory.
  private static let longest = 1 << 20

  /// `place` names what has the strings in errors.
  init(_ type: HDF5Datatype, in file: HDF5Bytes, at place: String) {
    (self.type, self.file, self.place) = (type, file, place)
  }

  /// The strings whose elements are `bytes`; each ends at its first NUL.
  func strings(in bytes: Data) throws -> [String] {
    guard type.size <= Self.longest else {
      throw Failure.badData(
        "\(place) holds strings of \(type.size) bytes each; \(Self.longest) are the most, or store them with "
          + "variable length.")
    }
    var heap = HDF5GlobalHeap(of: file)
    return try stride(from: bytes.startIndex, to: bytes.endIndex, by: type.size).map { start in
      let element = bytes[start..<start + type.size]
      switch type.storage {
      case .variableString: return try string(of: variable(element, &heap))
      case .fixedString(let hasSpaces): return try string(of: hasSpaces ? withoutSpaces(element) : element)
      default: throw file.unsupported("other strings")
      }
    }
  }

  /// What a reference, a length and a place in the heap, points to.
  private func variable(_ reference: Data, _ heap: inout HDF5GlobalHeap) throws -> Data {
    let (length, collection, index) = reference.withUnsafeBytes { bytes in
      (
        Int(bytes.loadUnaligned(as: UInt32.self)), bytes.loadUnaligned(fromByteOffset: 4, as: UInt64.self),
        bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self)
      )
    }
    return length == 0 ? Data() : try heap.object(index, at: collection, length: length)
  }

  private func withoutSpaces(_ element: Data) -> Data {
    element.prefix(
      (element.lastIndex { $0 != UInt8(ascii: " ") } ?? element.startIndex - 1) - element.startIndex + 1)
  }

  private func string(of bytes: Data) throws -> String {
    let text = bytes.withUnsafeBytes { bytes in
      let end = bytes.firstIndex(of: 0) ?? bytes.count
      return String(validating: bytes.bindMemory(to: UInt8.self).prefix(end), as: UTF8.self)
    }
    guard let text else {
      throw Failure.badData(
        "\(place) is not UTF-8: one of its strings begins with "
          + "\"\(String(decoding: bytes, as: UTF8.self).prefix(40))\"; write it in UTF-8.")
    }
    return text
  }
}
