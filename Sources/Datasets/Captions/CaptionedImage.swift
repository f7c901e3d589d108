import Support

/// An image as a file of captions has it.
struct CaptionedImage: Equatable {
  /// What each of the file's columns (`CaptionFile.columns`) calls it, in their order; empty where one does not.
  var names: [String]
  /// Nil where the file does not say.
  var split: String?
  var captions: [String]
  /// Where in the file it first stands, such as “line 2”.
  let place: String

  /// The plainest of its names.
  var name: String { names.first { !$0.isEmpty } ?? "" }
}

/// The images of a file that has them in records, of which one image may have several.
struct CaptionedImages {
  let columns: [ImageColumn]
  /// The file's, for messages.
  let path: String
  private(set) var images: [CaptionedImage] = []
  private var indices: [String: Int] = [:]

  init(columns: [ImageColumn], path: String) { (self.columns, self.path) = (columns, path) }

  /// Brings captions of the same image together, in the order of first appearance. Where the file has no column that
  /// names images, every record is one of its own.
  ///
  /// Throws `Failure.badData` where an image has no name, or two splits, or one name has two meanings.
  mutating func add(_ record: CaptionedImage) throws {
    guard !columns.isEmpty else { return images.append(record) }
    let name = record.name
    guard !name.isEmpty else {
      throw Failure.badData(
        "\(path) names no image at \(record.place), where \(CaptionColumns.list(columns.map(\.name))) should; "
          + "fill it in, or remove the entry.")
    }
    guard let index = indices[name] else {
      indices[name] = images.count
      return images.append(record)
    }
    for (number, other) in record.names.enumerated() where images[index].names[number] != other {
      let column = columns[number]
      guard column.meaning == .count || other.isEmpty || images[index].names[number].isEmpty else {
        throw Failure.usage(
          "\(path) has image \(name) with the \(column.name) \(images[index].names[number]) at "
            + "\(images[index].place) and \(other) at \(record.place), so one of its columns does not name images; "
            + "choose with --image-column.")
      }
      // What differs between captions of an image, such as their numbers, does not name it.
      images[index].names[number] = ""
    }
    guard images[index].split == record.split else {
      let splits = [images[index].split, record.split].map { $0.map { "the split \($0)" } ?? "no split" }
      throw Failure.badData(
        "\(path) lists image \(name) twice, at \(images[index].place) in \(splits[0]) and at \(record.place) in "
          + "\(splits[1]); keep it in one.")
    }
    images[index].captions += record.captions
  }
}
