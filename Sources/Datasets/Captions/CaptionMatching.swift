import Support

/// Which of the images in a file of captions each embedded image is.
///
/// All image ids are looked for in one of the file's columns, for a number may be the name of a file in one and count
/// images in another. Where two columns know an id as different images, that is an error.
struct CaptionMatching {
  /// For each image id, the image in the file of captions; nil where the file has no such image.
  let matches: [CaptionedImage?]
  /// Images in the file of captions that have no embedding.
  let unmatched: Int

  /// Throws `Failure.badData` when nothing matches, or two ids are the same image, and `Failure.usage` where an id may
  /// be either of two images.
  init(_ imageIDs: [String], with file: CaptionFile) throws {
    let images = file.images
    let reading = try Self.reading(of: imageIDs, in: file)
    var owners = [String?](repeating: nil, count: images.count)
    for (id, index) in zip(imageIDs, reading.indices) {
      guard let index else { continue }
      if let owner = owners[index] {
        throw Failure.badData(
          "Image ids \(owner) and \(id) are both \(images[index].name) in \(file.path); embed each image "
            + "once."
        )
      }
      owners[index] = id
    }
    matches = reading.indices.map { $0.map { images[$0] } }
    unmatched = owners.count { $0 == nil }
  }

  /// The image ids, looked for in one column.
  private struct Reading {
    let column: ImageColumn
    /// For each image id, the image that has the name.
    let indices: [Int?]
    let found: Int

    /// An id that is written in another way than the column's name is found by what the two have in common
    /// (`ImageName`). A plainer spelling goes first, and one that two images share names neither.
    init(_ imageIDs: [String], number: Int, in file: CaptionFile) {
      column = file.columns[number]
      var images: [String: Int?] = [:]
      images.reserveCapacity(2 * file.images.count)
      let spellings = file.images.map { image in
        image.names[number].isEmpty ? [] : ImageName.spellings(of: image.names[number])
      }
      for level in 0..<(spellings.map(\.count).max() ?? 0) {
        var new: [String: Int?] = [:]
        for (image, spellings) in spellings.enumerated() where level < spellings.count {
          let spelling = spellings[level]
          if images[spelling] == nil { new[spelling] = .some(new[spelling] == nil ? image : nil) }
        }
        images.merge(new) { plainer, _ in plainer }
      }
      indices = imageIDs.map { id in
        ImageName.spellings(of: id).lazy.compactMap { images[$0] }.first ?? nil
      }
      found = indices.count { $0 != nil }
    }
  }

  private static func reading(of imageIDs: [String], in file: CaptionFile) throws -> Reading {
    var readings = file.columns.indices.map { Reading(imageIDs, number: $0, in: file) }.filter {
      $0.found > 0
    }
    // A name with an ending is a file's, and 7.jpg is not the image of the number 7 beside a file 7.jpg.
    if imageIDs.contains(where: \.hasEnding), readings.contains(where: { $0.column.meaning == .file }) {
      readings.removeAll { $0.column.meaning != .file }
    }
    for (number, reading) in readings.enumerated() {
      for other in readings[..<number] {
        let differing = imageIDs.indices.first {
          other.indices[$0] != nil && reading.indices[$0] != nil && other.indices[$0] != reading.indices[$0]
        }
        guard let differing, let one = other.indices[differing], let another = reading.indices[differing]
        else {
          continue
        }
        throw Failure.usage(
          "Image id \(imageIDs[differing]) is \(file.images[one].name) by the \(other.column.name) of "
            + "\(file.path) and \(file.images[another].name) by its \(reading.column.name); choose one for all ids, with "
            + "--image-column \(other.column.name) or --image-column \(reading.column.name).")
      }
    }
    let areNumbers = imageIDs.contains { !$0.isEmpty && $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } }
    if let best = readings.filter({ $0.column.meaning != .count || !areNumbers }).max(by: {
      $0.found < $1.found
    }) {
      return best
    }
    let examples = "(such as \(imageIDs.first ?? ""))"
    if let counted = readings.first {
      throw Failure.usage(
        "The image ids \(examples) are only found as the \(counted.column.name) of \(file.path), and may as well be "
          + "numbers of your own; if they are that, say --image-column \(counted.column.name), and otherwise give "
          + "file names as image ids.")
    }
    throw Failure.badData(
      "None of the \(imageIDs.count) image ids \(examples) is among the \(file.images.count) images of \(file.path) "
        + "(such as \(file.images.first?.name ?? "")), by \(CaptionColumns.list(file.columns.map(\.name))); make image ids "
        + "file names, with or without ending, or name another column with --image-column.")
  }
}
