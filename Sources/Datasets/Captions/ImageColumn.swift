/// A column that names images.
struct ImageColumn: Equatable {
  enum Meaning {
    /// The image's file, perhaps with folders, perhaps without its ending.
    case file
    /// What a data set calls the image, such as COCO's number.
    case id
    /// Often a number that only counts: Karpathy's `imgid`, a table's `id`. A user's own numbers look the same and mean
    /// other images, so an image id that is a number is looked for here only where the column is chosen.
    case count
  }

  let name: String
  let meaning: Meaning

  /// A column that is named by the user, or the only one.
  init(name: String, meaning: Meaning = .file) { (self.name, self.meaning) = (name, meaning) }

  private static let files = [
    "file_name", "filename", "image_file", "image_filename", "image_name", "img_name", "image_path",
    "img_path",
    "filepath", "file_path", "path", "image", "img", "file", "image.path",
  ]
  private static let ids = [
    "image_id", "imageid", "cocoid", "coco_id", "key", "url", "image_url", "img_url", "coco_url",
    "flickr_url",
  ]
  private static let counts = ["imgid", "img_id", "id"]

  static func isKnown(_ normalName: String) -> Bool {
    [files, ids, counts].contains { $0.contains(normalName) }
  }

  /// Those of a file's columns, the plainest first.
  static func known(among columns: [String]) -> [ImageColumn] {
    [(files, Meaning.file), (ids, .id), (counts, .count)].flatMap { names, meaning in
      names.flatMap { name in
        columns.filter { CaptionColumns.normal($0) == name }.map { ImageColumn(name: $0, meaning: meaning) }
      }
    }
  }
}
