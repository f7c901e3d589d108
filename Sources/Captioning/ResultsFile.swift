import Foundation
import Support

/// Captions as COCO's evaluation tools read them: `[{"caption": …, "image_id": …}, …]`.
///
/// Image ids are JSON integers when all of them are plain integers, as COCO's are, and strings otherwise.
public enum ResultsFile {
  private struct Entry: Encodable {
    let imageID: ImageID
    let caption: String
  }

  /// Writes a file that is complete or absent, an image a line.
  /// - Throws: `Failure.runtime` when it cannot be written.
  public static func write(imageIDs: [String], captions: [String], to path: String) throws {
    let lines = try zip(ImageID.all(imageIDs), captions).map {
      String(decoding: try JSON.encoder().encode(Entry(imageID: $0, caption: $1)), as: UTF8.self)
    }
    try DurableFile.write(Data("[\n\(lines.joined(separator: ",\n"))\n]\n".utf8), to: path)
  }
}
