import Support

/// The one rule for all files with captions: which of their columns name an image, hold captions, and tell the
/// split. Columns are those of a table, or the keys of JSON's and pickles' objects. `docs/captions.md` is for people.
///
/// Nothing is guessed: what more than one column may mean is an error that names the option which chooses.
struct CaptionColumns: Equatable {
  /// The plainest first. An image may be looked for by any of them (`CaptionMatching`).
  let images: [ImageColumn]
  let captions: [String]
  let split: String?

  init(images: [ImageColumn], captions: [String], split: String?) {
    (self.images, self.captions, self.split) = (images, captions, split)
  }

  /// `columns` are those that the file has; `path` is its own, for messages.
  ///
  /// Throws `Failure.usage` where several columns may be meant, or the options name one that there is not.
  init(_ columns: [String], options: CaptionOptions, path: String) throws {
    images = try Self.images(among: columns, options: options, path: path)
    captions = try Self.captions(among: columns, options: options, path: path)
    split = try Self.split(among: columns, options: options, path: path)
  }

  /// Whether a column of this name means anything by itself, so that it stands in a header and not in data.
  static func isKnown(_ column: String) -> Bool {
    let name = normal(column)
    return ImageColumn.isKnown(name) || captionName(of: column) != nil || splits.contains(name)
  }

  /// - Parameter images: whether a column that names images must be there, beside one of captions.
  /// - Throws: `Failure.usage` where there is none among a table's columns.
  func require(images isNeeded: Bool, among columns: [String], path: String) throws {
    guard captions.isEmpty || isNeeded && images.isEmpty else { return }
    let (meaning, option) =
      captions.isEmpty ? ("holds captions", "--caption-column") : ("names the images", "--image-column")
    throw Failure.usage(
      "\(path) has the columns \(Self.list(columns)), of which none is known as the one that \(meaning); name it with "
        + "\(option).")
  }

  // MARK: - Images

  static func images(
    among columns: [String], options: CaptionOptions, path: String
  ) throws -> [ImageColumn] {
    if let name = options.imageColumn {
      return [ImageColumn(name: try find(name, among: columns, "--image-column", path: path))]
    }
    let known = ImageColumn.known(among: columns)
    if let twice = known.first(where: { column in columns.count { $0 == column.name } > 1 }) {
      throw ambiguous([twice.name, twice.name], "the image", "give them different names", path)
    }
    return known
  }

  // MARK: - Captions

  /// Each of these may be counted (`caption_1`, `caption_2`, …), or stand for several.
  private static let captionNames = [
    "caption", "sentence", "raw", "text", "comment", "title", "description", "reference",
  ]

  /// A caption column without its number and its plural; nil for any other column.
  private static func captionName(of column: String) -> String? {
    let name = withoutNumber(column)
    return captionNames.first { $0 == name || $0 + "s" == name }
  }

  /// `caption_1`, `caption.1` and `Caption 1` without their number.
  private static func withoutNumber(_ column: String) -> Substring {
    var name = normal(column)[...]
    while let last = name.last, "0123456789_.".contains(last) { name.removeLast() }
    return name
  }

  /// All columns that are called caption, counted or not, come before one of another name, for that may be a title
  /// beside it.
  static func captions(among columns: [String], options: CaptionOptions, path: String) throws -> [String] {
    if !options.captionColumns.isEmpty {
      return try options.captionColumns.map { try find($0, among: columns, "--caption-column", path: path) }
    }
    let named = columns.filter { captionName(of: $0) == "caption" }
    let candidates = named.isEmpty ? columns.filter { captionName(of: $0) != nil } : named
    guard Set(candidates.map(withoutNumber)).count < 2 else {
      throw ambiguous(candidates, "the caption", "choose with --caption-column", path)
    }
    return candidates
  }

  // MARK: - Splits

  private static let splits: Set = ["split", "subset", "partition", "set_name"]

  static func split(among columns: [String], options: CaptionOptions, path: String) throws -> String? {
    if let name = options.splitColumn { return try find(name, among: columns, "--split-column", path: path) }
    let known = columns.filter { splits.contains(normal($0)) }
    guard known.count < 2 else { throw ambiguous(known, "the split", "choose with --split-column", path) }
    return known.first
  }

  // MARK: - Names

  /// How a name is compared: in lower case, without spaces and hyphens.
  static func normal(_ column: String) -> String {
    column.trimmed.lowercased().replacing(" ", with: "_").replacing("-", with: "_")
  }

  private static func find(_ name: String, among columns: [String], _ option: String, path: String) throws
    -> String
  {
    guard
      let column = columns.first(where: { $0 == name })
        ?? columns.first(where: { normal($0) == normal(name) })
    else {
      throw Failure.usage("\(path) has no \(name) but \(list(columns)); give one of these as \(option).")
    }
    return column
  }

  private static func ambiguous(_ columns: [String], _ meaning: String, _ advice: String, _ path: String)
    -> Failure
  {
    .usage("\(path) has the columns \(list(columns)), each of which may be \(meaning); \(advice).")
  }

  /// For messages.
  static func list(_ columns: [String]) -> String {
    columns.isEmpty ? "no columns" : columns.map { $0.isEmpty ? "“”" : $0 }.joined(separator: ", ")
  }
}

extension CaptionColumns: CustomStringConvertible {
  /// A sentence for people.
  var description: String {
    let parts = [
      ("images are named by", images.filter { $0.meaning != .count }.map(\.name)),
      ("captions are in", captions),
      ("splits in", [split].compactMap(\.self)),
    ].filter { !$0.1.isEmpty }.map { "\($0) \($1.joined(separator: ", "))" }
    let sentence = parts.joined(separator: ", ")
    return sentence.prefix(1).uppercased() + sentence.dropFirst() + "."
  }
}
