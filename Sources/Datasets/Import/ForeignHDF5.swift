import FileFormats
import Support

/// The embeddings and image ids of an HDF5 file that is no embedding store, and the content of a store in a form that
/// training does not read: chunked, compressed, in double precision.
public struct ForeignHDF5 {
  private let path: String
  private let child: HDF5Child
  private let listing: HDF5Listing

  public init(path: String, program: String) throws {
    self.path = path
    child = HDF5Child(path: path, program: program)
    listing = try child.listing()
  }

  /// Whether it says that it is an embedding store.
  public var isStore: Bool {
    listing.attributes[EmbeddingStoreSchema.Attribute.schema] == EmbeddingStoreSchema.name
  }

  // MARK: - For people

  /// More datasets of a group than this are told by their number.
  private static let mostOfGroup = 20

  /// Name, type and shape of each dataset; where a group has many, of its first and how many there are.
  public var table: String {
    let groups = Dictionary(grouping: listing.datasets, by: \.group).sorted { $0.key < $1.key }
    let rows = groups.flatMap { group, datasets in
      let isLong = datasets.count > Self.mostOfGroup
      let shown = datasets.prefix(isLong ? 1 : Self.mostOfGroup).map {
        ["  \($0.name.printableLine(longest: 80))", $0.type, "\($0.shape)"]
      }
      return shown
        + (isLong
          ? [["  and \(datasets.count - 1) more in /\(group.printableLine(longest: 80))", "", ""]] : [])
    }
    return TextTable([.left, .left, .left], rows).description
  }

  /// How to make a store of it.
  public var advice: String {
    let embeddings = try? embeddingsDataset(nil).name
    let ids = embeddings.flatMap { dataset($0) }.flatMap { try? idsDataset(nil, rows: $0.shape[0]).name }
    return
      "make one of it with `capstan data import \(path) --embeddings \(embeddings ?? "NAME") --ids \(ids ?? "NAME") "
      + "--encoder NAME --out FILE.h5`"
  }

  // MARK: - Others' files

  /// - Parameters:
  ///   - key: of a dataset, or of a group with a dataset for each image, named by its id (`/`: the root); nil: the only
  ///     floating-point dataset with two or three dimensions.
  ///   - idsKey: of a dataset with an id for each row; nil: `image_ids`, or the only list of strings of that length.
  ///   - idsPath: of a file of ids, in place of a dataset.
  func embeddings(key: String?, idsKey: String?, idsPath: String?) throws -> NumpyEmbeddings {
    if let group = key.map(Self.normalized), listing.datasets.contains(where: { $0.group == group }),
      dataset(group) == nil
    {
      let names = listing.datasets.filter { $0.group == group }.map(\.name)
      return try NumpyEmbeddings(
        child.rows(ofGroup: group),
        imageIDs: names.map { String($0.dropFirst(group.isEmpty ? 0 : group.count + 1)) },
        path: path)
    }
    let embeddings = try embeddingsDataset(key)
    if let idsPath {
      return try NumpyEmbeddings(
        child.arrays([embeddings.name])[0], imageIDs: NumpyEmbeddings.imageIDs(path: idsPath), path: path)
    }
    let ids = try idsDataset(idsKey, rows: embeddings.shape[0])
    let arrays = try child.arrays([embeddings.name, ids.name])
    return try NumpyEmbeddings(
      arrays[0], imageIDs: NumpyEmbeddings.strings(arrays[1], path: path), path: path)
  }

  private func embeddingsDataset(_ key: String?) throws -> HDF5Listing.Dataset {
    if let key {
      guard let dataset = dataset(Self.normalized(key)) else { throw missing(key) }
      return dataset
    }
    let candidates = listing.datasets.filter { $0.isFloatingPoint && (2...3).contains($0.shape.count) }
    guard candidates.count == 1 else {
      throw Failure.usage(
        "\(path) is an HDF5 file, but \(candidates.isEmpty ? "no dataset" : "more than one") in it may be the embeddings\(names); "
          + "name the dataset, or the group with a dataset for each image, with --embeddings NAME.")
    }
    return candidates[0]
  }

  private func idsDataset(_ key: String?, rows: Int) throws -> HDF5Listing.Dataset {
    if let key {
      guard let dataset = dataset(Self.normalized(key)) else { throw missing(key) }
      return dataset
    }
    if let dataset = dataset("image_ids"), dataset.shape == [rows] { return dataset }
    let candidates = listing.datasets.filter { $0.isString && $0.shape == [rows] }
    guard candidates.count == 1 else {
      throw Failure.usage(
        "\(path) has \(candidates.isEmpty ? "no list" : "more than one list") of \(rows) strings that may be the image "
          + "ids\(names); name the dataset with --ids NAME, or give a file with --image-ids FILE.")
    }
    return candidates[0]
  }

  private func dataset(_ name: String) -> HDF5Listing.Dataset? { listing.datasets.first { $0.name == name } }

  private func missing(_ key: String) -> Failure {
    .usage("\(path) has no dataset \(key)\(names); name one that it has.")
  }

  private var names: String { listing.datasets.map(\.name).examples }

  /// Without slashes at its ends.
  private static func normalized(_ key: String) -> String {
    key.split(separator: "/").joined(separator: "/")
  }

  // MARK: - Stores in another form

  /// - Throws: `Failure.badData` where something of a store is missing or of another type.
  func storeContents() throws -> StoreContents {
    typealias Attribute = EmbeddingStoreSchema.Attribute
    typealias Dataset = EmbeddingStoreSchema.Dataset
    let names = [
      Dataset.embeddings, Dataset.imageIDs, Dataset.splits, Dataset.captionTexts, Dataset.captionRows,
    ].map(Self.normalized)
    if let name = names.first(where: { dataset($0) == nil }) { throw missing(name) }
    guard listing.attributes[Attribute.version] == "\(EmbeddingStoreSchema.version)",
      let encoder = listing.attributes[Attribute.encoder], let source = listing.attributes[Attribute.source],
      let normalized = listing.attributes[Attribute.normalized]
    else {
      throw Failure.badData(
        "\(path) says that it is an embedding store but lacks an attribute of version \(EmbeddingStoreSchema.version), or "
          + "has them in a form that HDF5 \(HDF5File.libraryVersion) does not know; write it as docs/data-format.md shows, "
          + "and not with libver=\"latest\".")
    }
    // An empty list has nothing to be read.
    let filled = names.filter { dataset($0)?.shape.contains(0) == false }
    let arrays = Dictionary(uniqueKeysWithValues: zip(filled, try child.arrays(filled)))
    guard case .numbers(let numbers) = arrays[names[0]] else {
      throw Failure.badData("\(path) has no numbers in \(names[0]); write it as docs/data-format.md shows.")
    }
    let matrix = try EmbeddingMatrix(numbers, name: path)
    let strings = { (name: String) in
      try arrays[name].map { try NumpyEmbeddings.strings($0, path: "\(path): \(name)") } ?? []
    }
    let rows: [Int] = if case .numbers(let rows) = arrays[names[4]] { rows.integers() } else { [] }
    return StoreContents(
      encoder: encoder, normalized: normalized != "0", source: source, width: matrix.width,
      positions: matrix.positions,
      embeddings: matrix.embeddings(ofRows: Array(0..<matrix.rowCount)), imageIDs: try strings(names[1]),
      splits: try strings(names[2]), captionTexts: try strings(names[3]), captionRows: rows)
  }
}
