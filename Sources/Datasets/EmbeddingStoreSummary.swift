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

    let norms = try Self.norms(of: store)
    finiteFraction = Double(norms.count / (store.positions ?? 1)) / Double(rows)
    meanNorm = norms.isEmpty ? nil : norms.reduce(0, +) / Double(norms.count)
    isUnitLength = norms.allSatisfy(Self.isUnit)
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

  /// Of each vector of each finite row.
  private static func norms(of store: EmbeddingStore) throws -> [Double] {
    var norms: [Double] = []
    for row in 0..<store.rowCount {
      let ofRow = try store.norms(ofRow: row)
      if ofRow.allSatisfy(\.isFinite) { norms += ofRow }
    }
    return norms
  }
}
