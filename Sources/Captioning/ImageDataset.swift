import Datasets
import Support
import Tensors

/// The images of one split of some stores: each once, in the stores' order.
public struct ImageDataset: Sendable {
  private let stores: [EmbeddingStore]
  private let places: [(store: Int32, row: Int32)]
  public let imageIDs: [String]

  /// - Parameters:
  ///   - stores: that agree with each other, as `EmbeddingStore.open` checks.
  ///   - limit: how many images from the first on; nil: all.
  ///   - onlyCaptioned: whether images without a caption are left out.
  /// - Throws: `Failure.badData` when no image is of that split.
  public init(
    _ stores: [EmbeddingStore], split: String, limit: Int? = nil, onlyCaptioned: Bool = false
  ) throws {
    self.stores = stores
    var places: [(store: Int32, row: Int32)] = []
    var imageIDs: [String] = []
    for (index, store) in stores.enumerated() {
      var captioned = BitVector(count: store.rowCount)
      if onlyCaptioned {
        try store.captionRows.forEachPiece { _, rows in
          for row in rows where (0..<store.rowCount).contains(row) { captioned.insert(row) }
        }
      }
      try store.imageIDs.forEachPiece(with: store.splits) { first, ids, splits in
        for (row, (id, found)) in zip(first..., zip(ids, splits))
        where found == split && (!onlyCaptioned || captioned.contains(row)) && imageIDs.count < limit ?? .max
        {
          places.append((Int32(index), Int32(row)))
          imageIDs.append(id)
        }
      }
    }
    guard !places.isEmpty else {
      let splits = try Set(stores.flatMap { try $0.splits.all() }).sorted().joined(separator: ", ")
      throw Failure.badData(
        "\(stores.map(\.path).joined(separator: ", ")) has no image of the split “\(split)” (its splits are: "
          + "\(splits)); choose one of these.")
    }
    (self.places, self.imageIDs) = (places, imageIDs)
  }

  public var count: Int { places.count }

  /// What the stores say of the first images, in the images' order.
  public func references(ofFirst count: Int) throws -> [[String]] {
    let wanted = places.prefix(count)
    var references = [[String]](repeating: [], count: wanted.count)
    for (index, store) in stores.enumerated() {
      let images = Dictionary(
        uniqueKeysWithValues: wanted.indices.lazy.filter { wanted[$0].store == index }.map {
          (Int(wanted[$0].row), $0)
        })
      guard !images.isEmpty else { continue }
      try store.captionRows.forEachPiece { first, rows in
        for (caption, row) in zip(first..., rows) {
          guard let image = images[row] else { continue }
          references[image].append(try store.captionTexts.string(at: caption))
        }
      }
    }
    return references
  }

  /// Embeddings in the stores' own scale, [images, embedding width].
  /// - Throws: `Failure.badData` where one cannot be read or is not finite.
  func embeddings(of images: Range<Int>, on backend: Backend) throws -> Matrix {
    let matrix = backend.matrix(images.count, stores[0].valuesPerRow)
    for (row, place) in places[images].enumerated() {
      try stores[Int(place.store)].copyRow(Int(place.row), to: matrix.row(row), finite: true)
    }
    return matrix
  }
}

extension Matrix {
  /// Divides each row by its Euclidean length; a row of zeros stays as it is.
  public func normalizeRows(on backend: Backend) {
    for row in 0..<rows {
      let length = backend.kernels.sum_of_squares(self.row(row), columns).squareRoot()
      if length > 0 { backend.kernels.scale(self.row(row), Float(1 / length), columns) }
    }
  }
}
