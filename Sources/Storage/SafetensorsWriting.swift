import Essentials
import Foundation

extension SafetensorsFile {
  /// Writes a safetensors file, the entries' data one after the other in the order given. Mixed element types
  /// stay aligned where the wider come first.
  ///
  /// The file is neither synced nor removed after a failure; write through `DurableFile` to have it complete
  /// or absent. Throws `Failure.runtime` where it cannot be written, and what an entry throws.
  public static func write(
    _ entries: [SafetensorsEntry], metadata: [String: String] = [:], to path: String
  ) throws {
    let header = try header(of: entries, metadata: metadata)
    let file = try OutputFile(creating: path)
    try withUnsafeBytes(of: UInt64(header.count).littleEndian) { try file.write($0) }
    try header.withUnsafeBytes { try file.write($0) }
    for entry in entries {
      let start = file.byteCount
      try entry.produce { try file.write($0) }
      guard try file.byteCount - start == byteCount(of: entry) else {
        throw Failure.runtime(
          "Could not write \(path): \(entry.name) came as \(file.byteCount - start) bytes, which are no "
            + "\(entry.element) of the shape \(entry.shape).")
      }
    }
    try file.close()
  }

  private static func header(of entries: [SafetensorsEntry], metadata: [String: String]) throws -> Data {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = try metadata.sorted { $0.key < $1.key }.map { try "\(quoted($0)):\(quoted($1))" }
      members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var names: Set = ["__metadata__"]
    var offset = 0
    for entry in entries {
      guard names.insert(entry.name).inserted else {
        throw Failure.runtime(
          "Could not write a safetensors file with two tensors of the name \(entry.name).")
      }
      let end = try offset + byteCount(of: entry)
      let shape = entry.shape.map(String.init).joined(separator: ",")
      members.append(
        try "\(quoted(entry.name)):{\"dtype\":\"\(entry.element.safetensorsName)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var header = Data("{\(members.joined(separator: ","))}".utf8)
    // Spaces, which the format allows there, have the data begin at a multiple of eight.
    header.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - header.count % 8) % 8))
    return header
  }

  private static func byteCount(of entry: SafetensorsEntry) throws -> Int {
    guard let count = elementCount(of: entry.shape), count <= Int.max / 16 else {
      throw Failure.runtime("Could not write \(entry.name), for no file holds the shape \(entry.shape).")
    }
    return count * entry.element.size
  }

  private static func quoted(_ string: String) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return String(decoding: try encoder.encode(string), as: UTF8.self)
  }
}

/// A file that is written from front to back, each write checked.
private final class OutputFile {
  private let path: String
  private var descriptor: Int32
  private(set) var byteCount = 0

  init(creating path: String) throws {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure }
  }

  deinit { if descriptor >= 0 { _ = Foundation.close(descriptor) } }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = Foundation.write(
        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw failure }
      rest = rest.dropFirst(written)
    }
    byteCount += bytes.count
  }

  func close() throws {
    defer { descriptor = -1 }
    guard Foundation.close(descriptor) == 0 else { throw failure }
  }

  private var failure: Failure {
    .runtime(
      "Could not write \(path): \(String(cString: strerror(errno))); free some space or choose another place."
    )
  }
}
