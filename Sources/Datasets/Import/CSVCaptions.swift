import Essentials
import Foundation

/// Tables of `image,caption`, and Flickr30k's `image_name| comment_number| comment` in the form of Kaggle.
///
/// A header names the two columns; without one, the image is in the first column and the caption in the last.
enum CSVCaptions {
  private static let imageColumns: Set = ["image", "image_id", "image_name", "filename", "file_name"]
  private static let captionColumns: Set = ["caption", "comment"]

  static func images(in bytes: Data, path: String) throws -> [CaptionedImage] {
    let text = try text(of: bytes, path: path)
    let firstLine = lines(of: text).first ?? ""
    let separator: Character = firstLine.contains("|") && !firstLine.contains(",") ? "|" : ","
    var records = try CSVRecords(text, separator: separator, path: path).records[...]
    guard let first = records.first?.fields, first.count > 1 else {
      throw Failure.badData(
        "\(path) is not a table of image,caption: its first line is "
          + "\(firstLine.prefix(40).debugDescription); name its format with --captions-format.")
    }

    var (imageColumn, captionColumn) = (0, first.count - 1)
    let header = first.map { $0.trimmed.lowercased() }
    if let image = header.firstIndex(where: imageColumns.contains),
      let caption = header.firstIndex(where: captionColumns.contains)
    {
      (imageColumn, captionColumn) = (image, caption)
      records.removeFirst()
    }
    return CaptionedImage.grouped(records.map { ($0.fields[imageColumn].trimmed, $0.fields[captionColumn]) })
  }
}

extension String {
  /// Without the white space around it.
  var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
