import FileFormats
import Support

/// A list of JSON's objects, whose keys are columns.
struct JSONRecords {
  let objects: [JSONValue]
  /// All keys that there are, in the order in which they first occur.
  let keys: [String]
  /// What the list is called in the file; empty for a bare one.
  private let name: String
  /// The file's, for messages.
  private let path: String

  /// Of the values of a file: one list, or JSON lines.
  ///
  /// Throws `Failure.badData` where they are no objects, or are columns, as data frames write them by default.
  init(_ values: [JSONValue], path: String) throws {
    let isList = values.count == 1 && values[0].array != nil
    try self.init(list: isList ? values[0].array ?? [] : values, name: "", path: path)
    if objects.count == 1, let column = objects[0].object?.first(where: { $0.isColumn }) {
      throw Self.notRecords(path, "all values of \(column.key) together")
    }
  }

  init(list: [JSONValue], name: String, path: String) throws {
    (objects, self.name, self.path) = (list, name, path)
    var keys: [String] = []
    var seen: Set<String> = []
    for (index, object) in list.enumerated() {
      guard let members = object.object else {
        throw Self.notRecords(path, "no object at \(Self.place(index, in: name))")
      }
      for member in members where seen.insert(member.key).inserted { keys.append(member.key) }
    }
    self.keys = keys
  }

  static func notRecords(_ path: String, _ finding: String) -> Failure {
    .badData(
      "\(path) holds \(finding), but a list of objects was expected, one for each image or caption; write it so, from a "
        + "data frame by to_json(orient=\"records\").")
  }

  /// Which keys mean what.
  func columns(options: CaptionOptions) throws -> CaptionColumns {
    // The captions may be named by keys of objects within these, as Karpathy's tokens are.
    var outer = options
    if !options.captionColumns.contains(where: keys.contains) { outer.captionColumns = [] }
    return try CaptionColumns(keys, options: outer, path: path)
  }

  /// Where a record stands, for messages.
  func place(_ index: Int) -> String { Self.place(index, in: name) }

  private static func place(_ index: Int, in name: String) -> String { "\(name)[\(index)]" }

  /// What a record calls its image; empty where it does not.
  ///
  /// Throws `Failure.badData` where that is neither a string nor an integer.
  static func name(in record: JSONValue, under key: String, at place: String, _ path: String) throws -> String
  {
    switch record[key] {
    case nil, .null: return ""
    case .string(let name): return name.trimmed
    case .number(let digits):
      if Int(digits) != nil { return digits }
      if let number = Double(digits), let whole = Int(exactly: number) { return "\(whole)" }
    default: break
    }
    throw Failure.badData(
      "\(path) has at \(place) a \(key) that is neither a string nor an integer, and so names no image; write one of "
        + "these, or choose another key with --image-column.")
  }
}

extension JSONValue.Member {
  /// Whether it is a column of a data frame: values by the number of their row, under a known name.
  fileprivate var isColumn: Bool {
    guard CaptionColumns.isKnown(key) else { return false }
    if let members = value.object { return members.first.map { Int($0.key) != nil } ?? false }
    return ImageColumn.isKnown(CaptionColumns.normal(key)) && value.array != nil
  }
}
