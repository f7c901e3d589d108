import Support

/// What a store holds, in numbers: what `capstan data info` tells.
public struct EmbeddingStoreSummary: Encodable, Sendable {
  public struct Split: Encodable, Sendable {
    public let name: String
    public let rows: Int
    public let captions: Int
  }

  public struct CaptionsPerImage: Encodable, Sendable {
    public let least: Int
    public let mean: Double
    public let most: Int
  }

  /// Images whose embeddings are not as they should be, or look as if they were not.
  public struct Suspects: Encodable, Sendable {
    /// With NaN or infinity.
    public let notFinite: [String]
    /// With a vector of nothing but zeros.
    public let zero: [String]
    /// Not of unit length, in a store that says all are.
    public let notUnitLength: [String]
    /// Groups that have the same embedding.
    public let identical: [[String]]
  }

  public let path: String
  public let schema: String
  public let version: Int
  public let encoder: String
  public let source: String
  public let width: Int
  public let positions: Int?
  public let elementType: String
  public let rows: Int
  public let captions: Int
  public let captionsPerImage: CaptionsPerImage
  /// In the order in which they first occur.
  public let splits: [Split]
  /// Captions beside their images, evenly from all of them.
  public let pairs: [CaptionPair]
  /// Rows without NaN and infinity, as a fraction of all.
  public let finiteFraction: Double
  /// The Euclidean norm, averaged over the vectors of finite rows; nil when there is no such row.
  public let meanNorm: Double?
  /// What the file says: every vector has unit length.
  public let normalized: Bool
  /// Whether every vector of finite rows has unit length, within 1 %, which half precision stays well below.
  public let isUnitLength: Bool
  public let suspects: Suspects

  /// Reads all embeddings once.
  /// - Parameter sample: how many pairs of images and captions to show.
  public init(of store: EmbeddingStore, sample: Int = 1) throws {
    let index = try store.index()
    path = store.path
    schema = EmbeddingStoreSchema.name
    version = EmbeddingStoreSchema.version
    encoder = store.encoder
    source = store.source
    width = store.width
    positions = store.positions
    elementType = store.elementType.rawValue
    rows = store.rowCount
    captions = index.captionTexts.count
    normalized = store.normalized

    var captionsOfRow = [Int](repeating: 0, count: store.rowCount)
    for row in index.captionRows { captionsOfRow[row] += 1 }
    captionsPerImage = CaptionsPerImage(
      least: captionsOfRow.min() ?? 0, mean: Double(captions) / Double(rows), most: captionsOfRow.max() ?? 0)
    splits = Self.splits(of: index, captionsOfRow: captionsOfRow)
    pairs = index.pairs(sample)

    let values = try EmbeddingValues(of: store)
    finiteFraction = 1 - Double(values.notFinite.count) / Double(rows)
    meanNorm = values.meanNorm
    isUnitLength = values.notUnitLength.isEmpty
    func ids(_ rows: [Int]) -> [String] { rows.map { index.imageIDs[$0] } }
    suspects = Suspects(
      notFinite: ids(values.notFinite), zero: ids(values.zero),
      notUnitLength: normalized ? ids(values.notUnitLength) : [], identical: values.identical.map(ids))
  }

  /// What makes the store unfit for training; nil: nothing.
  public var failure: Failure? {
    if !suspects.notFinite.isEmpty {
      return .badData(
        "\(path): the embeddings of \(counted(suspects.notFinite.count, "image")) hold NaN or infinity "
          + "(\(suspects.notFinite.firstFew)); embed them again or leave them out.")
    }
    if !suspects.notUnitLength.isEmpty {
      return .badData(
        "\(path) says that its embeddings are normalized, but those of \(counted(suspects.notUnitLength.count, "image")) "
          + "are not (\(suspects.notUnitLength.firstFew)); normalize them, or write the store with normalized false."
      )
    }
    return nil
  }

  static func isUnit(_ norm: Double) -> Bool { abs(norm - 1) < 0.01 }

  private static func splits(of index: EmbeddingStoreIndex, captionsOfRow: [Int]) -> [Split] {
    var order: [String] = []
    var counts: [String: (rows: Int, captions: Int)] = [:]
    for (name, captions) in zip(index.splits, captionsOfRow) {
      if counts[name] == nil { order.append(name) }
      counts[name, default: (0, 0)].rows += 1
      counts[name, default: (0, 0)].captions += captions
    }
    return order.map { Split(name: $0, rows: counts[$0]?.rows ?? 0, captions: counts[$0]?.captions ?? 0) }
  }
}
