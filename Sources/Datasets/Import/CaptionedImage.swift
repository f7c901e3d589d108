/// An image as a file of captions has it.
struct CaptionedImage: Equatable {
  /// What an embedding's image id may call it, the plainest first: file name, name without extension, number.
  let names: [String]
  /// Nil where the file does not say.
  let split: String?
  var captions: [String]
}

extension CaptionedImage {
  /// The names of an image file: with and without its extension, and its number where it has one.
  static func names(ofFile file: String, number: String? = nil) -> [String] {
    [file, file.withoutExtension] + (number.map { [$0] } ?? [])
  }

  /// Brings captions of the same file together, in the order of first appearance.
  static func grouped(_ captions: [(file: String, caption: String)]) -> [CaptionedImage] {
    var images: [CaptionedImage] = []
    var indices: [String: Int] = [:]
    for (file, caption) in captions {
      let index = indices[file] ?? images.count
      if index == images.count {
        indices[file] = index
        images.append(CaptionedImage(names: names(ofFile: file), split: nil, captions: []))
      }
      images[index].captions.append(caption)
    }
    return images
  }
}

extension String {
  /// What stands before the last point, unless that is the first character.
  var withoutExtension: String {
    guard let point = lastIndex(of: "."), point != startIndex else { return self }
    return String(self[..<point])
  }

  /// What stands behind the last slash.
  var lastPathComponent: String { String(split(separator: "/").last ?? self[...]) }
}
