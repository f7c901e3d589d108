/// What the memory of a pass depends on in the captions that a rank works through at a time.
public struct BatchShape: Codable, Equatable, Sendable {
  public var captions: Int
  /// Of all captions together.
  public var tokens: Int
  /// The sum over captions of the square of their tokens, for attention.
  public var squaredTokens: Int

  public init(lengths: [Int]) {
    captions = lengths.count
    tokens = lengths.reduce(0, +)
    squaredTokens = lengths.reduce(0) { $0 + $1 * $1 }
  }

  /// A batch drawn from captions of these lengths that hardly another is longer than: three standard deviations above
  /// the mean batch.
  public init(captions: Int, drawnFrom lengths: [Int]) {
    func sum(_ values: [Double]) -> Int {
      let mean = values.reduce(0, +) / Double(max(1, values.count))
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, values.count))
      return Int((Double(captions) * mean + 3 * (Double(captions) * variance).squareRoot()).rounded(.up))
    }
    self.captions = captions
    tokens = sum(lengths.map(Double.init))
    squaredTokens = sum(lengths.map { Double($0 * $0) })
  }

  /// Rows that enter the language model: the prefix, and the tokens but the last.
  func rows(prefix: Int) -> Int { tokens + captions * (prefix - 1) }

  /// The sum over sequences of the square of their rows: what one head's attention weights take.
  func squaredRows(prefix: Int) -> Int {
    squaredTokens + 2 * (prefix - 1) * tokens + captions * (prefix - 1) * (prefix - 1)
  }
}
