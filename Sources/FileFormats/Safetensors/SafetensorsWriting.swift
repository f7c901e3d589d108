import Foundation
import Support

extension SafetensorsFile {
  /// Writes a safetensors file, the entries' data one after the other in the order given. Mixed element types
  /// stay aligned where the wider come first.
  ///
  /// The file is neither synced nor removed after a failure; write through `DurableFile` to have it complete
  /// or absent. Throws `Failure.runtime` where it cannot be written, and what an entry throws.
  public static func write(
    _ entries: [ArrayEntry], metadata: [String: String] = [:], to path: String
  ) throws {
    let header = try header(of: entries, metadata: metadata)
    let file = try OutputFile(creating: path)
    try withUnsafeBytes(of: UInt64(header.count).littleEndian) { try file.write($0) }
    try header.withUnsafeBytes { try file.write($0) }
    for entry in entries { try entry.write(to: path, file.write) }
    try file.close()
  }

  private static func header(of entries: [ArrayEntry], metadata: [String: String]) throws -> Data {
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
      let end = try offset + entry.byteCount()
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

  private static func quoted(_ string: String) throws -> String {
    String(decoding: try JSON.encoder().encode(string), as: UTF8.self)
  }
}
