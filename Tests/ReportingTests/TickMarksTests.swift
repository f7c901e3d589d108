import Testing

@testable import Reporting

@Suite struct TickMarksTests {
  static let cases: [(range: ClosedRange<Double>, labels: [String])] = [
    (0...10, ["0", "2", "4", "6", "8", "10"]), (0...4.78, ["0", "1", "2", "3", "4"]),
    (2.28...6.7, ["3", "4", "5", "6"]), (-0.3...0.3, ["-0.3", "-0.2", "-0.1", "0.0", "0.1", "0.2", "0.3"]),
    (0...0.0005, ["0.0000", "0.0001", "0.0002", "0.0003", "0.0004", "0.0005"]),
    (0...0.000025, ["0", "5e-06", "1e-05", "1.5e-05", "2e-05", "2.5e-05"]),
    (0...3_000_000, ["0", "500000", "1e+06", "1.5e+06", "2e+06", "2.5e+06", "3e+06"]),
  ]

  @Test(arguments: cases.indices)
  func areRoundAndTold(index: Int) {
    let (range, labels) = Self.cases[index]
    let ticks = TickMarks(range, most: 6)
    #expect(ticks.values.map(ticks.label) == labels)
  }
}
