import FileFormats
import Foundation
import Support

/// A file of captions.
struct CaptionFile {
  let path: String
  /// What the names of the images are.
  let columns: [ImageColumn]
  let images: [CaptionedImage]
  /// Where images, captions and splits were found, for people; empty where the file has no columns.
  var findings = ""

  init(path: String, columns: [ImageColumn], images: [CaptionedImage]) {
    (self.path, self.columns, self.images) = (path, columns, images)
  }

  /// A file with columns.
  init(path: String, columns: CaptionColumns, images: [CaptionedImage]) {
    self.init(path: path, columns: columns.images, images: images)
    findings = columns.description
  }
}

extension CaptionFile {
  /// - Parameter needsImages: whether a file that has captions of no images is refused.
  /// - Throws: `Failure.badData` when the file cannot be read, and `Failure.usage` when it is not clear which of its
  ///   columns are meant, or options are for another format.
  init(path: String, options: CaptionOptions, needsImages: Bool = true) throws {
    let bytes = try Data(mapping: path)
    if ParquetFile.recognizes(bytes) {
      self = try ParquetTable(ParquetFile(path: path), options: options).file(needsImages: needsImages)
      return
    }
    let format = options.format == .auto ? Self.format(of: bytes) : options.format
    switch format {
    case .json:
      self = try CaptionJSON.file(at: path, options: options, needsImages: needsImages)
      return
    case .auto, .table:
      if let table = try CaptionTable(of: bytes, options: options, path: path) {
        self = try table.file(in: bytes, needsImages: needsImages)
        return
      }
    case .flickr, .lines: break
    }
    guard !options.namesColumns else {
      throw Failure.usage(
        "\(path) has no columns to be named by --image-column, --caption-column or --split-column; leave these out."
      )
    }
    if format == .flickr {
      self = try FlickrCaptions.file(in: bytes, path: path)
    } else if !needsImages, format != .table {
      self = try Self.plainText(bytes, path: path)
    } else {
      _ = try text(of: bytes, path: path)
      throw Failure.badData(
        "\(path) is not a table of images and captions, its first line being \(Self.firstLine(of: bytes)); give it a header "
          + "such as image,caption, or name its format with --captions-format.")
    }
  }

  private static func format(of bytes: Data) -> CaptionFormat {
    let start = bytes.withoutByteOrderMark.first { !" \t\r\n".utf8.contains($0) }
    if start == UInt8(ascii: "{") || start == UInt8(ascii: "[") { return .json }
    return FlickrCaptions.recognizes(bytes) ? .flickr : .auto
  }

  private static func firstLine(of bytes: Data) -> String {
    let start = String(decoding: bytes.withoutByteOrderMark.prefix(200), as: UTF8.self)
    return (lines(of: start).first ?? "").prefix(40).debugDescription
  }

  /// Captions of no images, one on each line.
  private static func plainText(_ bytes: Data, path: String) throws -> CaptionFile {
    let captions = try lines(of: text(of: bytes, path: path)).filter { !$0.isEmpty }
    return CaptionFile(
      path: path, columns: [],
      images: captions.map { CaptionedImage(names: [], split: nil, captions: [String($0)], place: "") })
  }
}
