import Support

/// Trials counted by case and outcome.
struct Tally: CustomStringConvertible {
  private var names: [String] = []
  private var counts: [String: [Outcome: Int]] = [:]
  private(set) var failures = 0
  private(set) var count = 0

  /// - Parameter outcome: nil for a failure.
  mutating func add(_ outcome: Outcome?, to name: String) {
    count += 1
    if counts[name] == nil {
      names.append(name)
      counts[name] = [:]
    }
    guard let outcome else {
      failures += 1
      return
    }
    counts[name]?[outcome, default: 0] += 1
  }

  var description: String {
    let head = ["case"] + Outcome.allCases.map(\.rawValue)
    let rows = names.map { name in
      [name] + Outcome.allCases.map { counts[name]?[$0].map(String.init) ?? "" }
    }
    let sums = Outcome.allCases.map { outcome in "\(counts.values.reduce(0) { $0 + ($1[outcome] ?? 0) })" }
    return TextTable([.left] + Outcome.allCases.map { _ in .right }, [head] + rows + [["together"] + sums])
      .description
  }
}
