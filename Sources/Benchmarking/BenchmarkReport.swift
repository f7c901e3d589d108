import Foundation
import Support

/// What a benchmark found: a table for people, an object for programs.
public protocol BenchmarkReport: Encodable {
  var table: TextTable { get }
}

extension BenchmarkReport {
  /// The keys are those of `docs/benchmarks.md`. A number that is not finite is null.
  public var json: String {
    get throws {
      String(decoding: try JSON.encoder(isIndented: true).encode(self), as: UTF8.self)
    }
  }
}
