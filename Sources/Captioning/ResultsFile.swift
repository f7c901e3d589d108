import Foundation
import Support

/// Captions as COCO's evaluation tools read them: `[{"caption": …, "image_id": …}, …]`.
///
/// Image ids are JSON integers when all of them are plain integers, as COCO's are, and strings otherwise.
public enum ResultsFile {
  private struct Entry<ID: Encodable>: Encodable {
    let imageID: ID
    let caption: String

    enum CodingKeys: String, CodingKey {
      case imageID = "image_id"
      case caption
    }
  }

  /// Writes a file that is complete or absent, an image a line.
  /// - Throws: `Failure.runtime` when it cannot be written.
  public static func write(imageIDs: [String], captions: [String], to path: String) throws {
    let numbers = imageIDs.map { id in Int(id).flatMap { String($0) == id ? $0 : nil } }
    let lines =
      numbers.contains(nil)
      ? try zip(imageIDs, captions).map { try line(Entry(imageID: $0, caption: $1)) }
      : try zip(numbers, captions).map { try line(Entry(imageID: $0, caption: $1)) }
    try DurableFile.write(Data("[\n\(lines.joined(separator: ",\n"))\n]\n".utf8), to: path)
  }

  private static func line(_ entry: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(entry), as: UTF8.self)
  }
}
