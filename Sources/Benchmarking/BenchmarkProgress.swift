/// A piece of a benchmark's work that is done.
public struct BenchmarkProgress: Codable, Sendable {
  /// Captions of a step, or images.
  public let items: Int
  public let seconds: Double
}
