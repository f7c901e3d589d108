import Foundation
import Support

extension EmbeddingStore {
  /// Opens the stores that form one data set, given as files or as patterns with `*`, `?` and `[…]`
  /// (glob(3)), in the order given and, for a pattern, in the order of their names.
  ///
  /// Throws `Failure.badData` where a pattern matches no file, where stores disagree in encoder,
  /// normalisation, width or positions, and where two have an image id in common.
  /// - Parameter checking: whether all of them but the embeddings' values is checked; without it only what stands in
  ///   their headers is, and the rest as far as it is read.
  public static func open(_ patterns: [String], checking: Bool = true) throws -> [EmbeddingStore] {
    let stores = try files(matching: patterns).map(EmbeddingStore.init(uncheckedPath:))
    try requireAgreement(of: stores)
    if checking { try requireSound(stores) }
    return stores
  }

  /// The files that patterns stand for, as in `open(_:)`.
  public static func files(matching patterns: [String]) throws -> [String] {
    try patterns.flatMap(files(matching:))
  }

  private static func files(matching pattern: String) throws -> [String] {
    // A file's own name comes first, for it may hold a bracket.
    if FileManager.default.fileExists(atPath: pattern) { return [pattern] }
    var matches = glob_t()
    defer { globfree(&matches) }
    guard glob(pattern, 0, nil, &matches) == 0 else {
      throw Failure.badData("No file matches \(pattern); check the path.")
    }
    return (0..<Int(matches.gl_pathc)).compactMap { matches.gl_pathv[$0].map { String(cString: $0) } }
  }

  static func requireAgreement(of stores: [EmbeddingStore]) throws {
    let properties: [(name: String, value: (EmbeddingStore) -> String)] = [
      ("encoder", { $0.encoder }),
      ("normalized", { "\($0.normalized)" }),
      ("width", { "\($0.width)" }),
      ("positions", { $0.positions.map { "\($0)" } ?? "none" }),
    ]
    guard let first = stores.first else { return }
    for store in stores.dropFirst() {
      for property in properties where property.value(store) != property.value(first) {
        throw Failure.badData(
          "\(first.path) has \(property.name) \(property.value(first)) but \(store.path) has "
            + "\(property.value(store)); list only files that agree, for one model reads them all."
        )
      }
    }
  }
}
