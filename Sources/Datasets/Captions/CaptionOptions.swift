/// The formats of files of captions.
public enum CaptionFormat: String, CaseIterable, Sendable {
  /// Whichever of the others the content shows.
  case auto
  /// A list of objects, one object on each line, COCO's `images` and `annotations`, Karpathy's `images` with
  /// `sentences`, or a dictionary from images to captions.
  case json
  /// A table with a header, its fields parted by commas, tabs, semicolons or bars, quoted as RFC 4180 has it.
  case table
  /// Flickr's `token.txt`: `image.jpg#0`, a tab, the caption.
  case flickr
  /// One caption on each line, of no image.
  case lines

  /// Also by the names of formats that `json` and `table` comprise.
  public init?(name: String) {
    switch name {
    case "karpathy", "coco": self = .json
    case "csv", "tsv": self = .table
    default: self.init(rawValue: name)
    }
  }
}

/// How a file of captions is to be read, where its content does not say, or is not to decide.
public struct CaptionOptions: Equatable, Sendable {
  public var format = CaptionFormat.auto
  /// The column of a table, or the key of JSON objects, that names the image. For a table without a header it is a
  /// number, from 1 on; so are the other two.
  public var imageColumn: String?
  /// The columns or keys that hold captions.
  public var captionColumns: [String] = []
  public var splitColumn: String?
  /// Whether `restval`, the validation images of COCO that are in neither `val` nor `test` of Karpathy's, stays a
  /// split of its own; otherwise they belong to `train`, as is usual.
  public var keepsRestval = false

  public init() {}

  /// The split that a file's word stands for.
  func split(named name: String) -> String? {
    let name = name.trimmed
    return name.isEmpty ? nil : name == "restval" && !keepsRestval ? "train" : name
  }

  var namesColumns: Bool { imageColumn != nil || !captionColumns.isEmpty || splitColumn != nil }
}
