import Datasets
import Essentials
import Tensors

/// The images of one split of some stores: each once, in the stores' order.
public struct ImageSet: Sendable {
  private let stores: [EmbeddingStore]
  private let places: [(store: Int, row: Int)]

  /// - Parameters:
  ///   - stores: that agree with each other, as `EmbeddingStore.open` checks.
  ///   - limit: how many images from the first on; nil: all.
  ///   - onlyCaptioned: whether images without a caption are left out.
  /// - Throws: `Failure.badData` when no image is of that split.
  public init(
    _ stores: [EmbeddingStore], split: String, limit: Int? = nil, onlyCaptioned: Bool = false
  ) throws {
    self.stores = stores
    let all = stores.indices.flatMap { store in
      let captioned = onlyCaptioned ? Set(stores[store].captionRows) : []
      return stores[store].splits.indices.filter {
        stores[store].splits[$0] == split && (!onlyCaptioned || captioned.contains($0))
      }.map { (store, $0) }
    }
    guard !all.isEmpty else {
      let splits = Set(stores.flatMap(\.splits)).sorted().joined(separator: ", ")
      throw Failure.badData(
        "\(stores.map(\.path).joined(separator: ", ")) has no image of the split “\(split)” (its splits are: "
          + "\(splits)); choose one of these.")
    }
    places = Array(all.prefix(limit ?? all.count))
  }

  public var count: Int { places.count }

  public var imageIDs: [String] { places.map { stores[$0.store].imageIDs[$0.row] } }

  /// What the stores say of the first images, in the images' order.
  public func references(ofFirst count: Int) -> [[String]] {
    let captions = stores.map { store in
      Dictionary(grouping: zip(store.captionRows, store.captionTexts), by: \.0).mapValues { $0.map(\.1) }
    }
    return places.prefix(count).map { captions[$0.store][$0.row, default: []] }
  }

  /// Embeddings in the stores' own scale, [images, embedding width].
  func embeddings(of images: Range<Int>, on backend: Backend) -> Matrix {
    let matrix = backend.matrix(images.count, stores[0].valuesPerRow)
    for (row, place) in places[images].enumerated() {
      stores[place.store].copyRow(place.row, to: matrix.row(row))
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
