import Foundation

/// A picture that is part of the page.
struct Thumbnail {
  let html: String

  /// The types that browsers show, by the extension of their files.
  private static let types = [
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif",
  ]

  /// The picture of an image, whose file is named by its id, with an extension or without one.
  init?(of imageID: String, in folder: String) {
    let name = URL(filePath: imageID).lastPathComponent
    let names = [name] + Self.types.keys.sorted().map { "\(name).\($0)" }
    for name in names {
      let file = URL(filePath: folder).appending(path: name)
      guard let type = Self.types[file.pathExtension.lowercased()], let data = try? Data(contentsOf: file)
      else {
        continue
      }
      html = "<img alt=\"\(imageID.markup)\" src=\"data:\(type);base64,\(data.base64EncodedString())\">"
      return
    }
    return nil
  }
}
