import Essentials

/// Which of the images in a file of captions each embedded image is.
struct CaptionMatching {
  /// For each image id, the image in the file of captions; nil where the file has no such image.
  let matches: [CaptionedImage?]
  /// Images in the file of captions that have no embedding.
  let unmatched: Int

  /// Throws `Failure.badData` when nothing matches, or two images are the same one.
  init(_ imageIDs: [String], with file: CaptionFile) throws {
    let images = file.images
    let indices = try Self.indices(of: file)
    var owners = [String?](repeating: nil, count: images.count)
    matches = try imageIDs.map { id in
      guard let index = Self.spellings(of: id).lazy.compactMap({ indices[$0] }).first else { return nil }
      if let owner = owners[index] {
        throw Failure.badData(
          "Image ids \(owner) and \(id) are both \(images[index].names[0]) in \(file.path); embed each image "
            + "once."
        )
      }
      owners[index] = id
      return images[index]
    }
    unmatched = owners.count { $0 == nil }
    guard unmatched < images.count else {
      throw Failure.badData(
        "None of the \(imageIDs.count) image ids (such as \(imageIDs.first ?? "")) is among the "
          + "\(images.count) images of \(file.path) (such as \(images.first?.names[0] ?? "")); make image "
          + "ids file names, with or without extension."
      )
    }
  }

  /// Ways to look an image id up, the plainest first: it may be a path, have an extension, or be COCO's
  /// number with leading zeros, perhaps as in `COCO_val2014_000000391895.jpg`.
  private static func spellings(of id: String) -> [String] {
    let file = id.lastPathComponent
    let stem = file.withoutExtension
    let digits = stem.hasPrefix("COCO_") ? stem.split(separator: "_").last ?? "" : stem[...]
    return [id, file, stem] + (Int(digits).map { ["\($0)"] } ?? [])
  }

  /// Images by name. A plainer name goes first, and a name that two images share is no name of either.
  private static func indices(of file: CaptionFile) throws -> [String: Int] {
    var indices: [String: Int] = [:]
    for level in 0..<(file.images.map(\.names.count).max() ?? 0) {
      let withName = file.images.indices.filter { level < file.images[$0].names.count }
      let sharing = Dictionary(grouping: withName) { file.images[$0].names[level] }
      if level == 0, let name = sharing.filter({ $0.value.count > 1 }).keys.min() {
        throw Failure.badData("\(file.path) lists image \(name) twice; bring its captions together.")
      }
      for (name, images) in sharing where images.count == 1 && indices[name] == nil {
        indices[name] = images[0]
      }
    }
    return indices
  }
}
