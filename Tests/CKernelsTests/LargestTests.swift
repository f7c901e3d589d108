import CKernels
import Tensors
import Testing

@Suite struct LargestTests {
  struct Series: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let numbers: [Float]
  }

  static let series: [Series] = {
    var random = Philox(seed: 3, stream: "largest")
    let normal = (0..<1000).map { _ in Float(random.normal()) }
    return [
      Series(testDescription: "random", numbers: normal),
      Series(testDescription: "ties", numbers: normal.map { $0.rounded() }),
      Series(testDescription: "ascending", numbers: normal.sorted()),
      Series(testDescription: "infinite", numbers: normal.map { abs($0) < 1 ? $0 : $0 * .infinity }),
      Series(testDescription: "NaN among them", numbers: normal.map { $0 < 0.5 ? $0 : .nan }),
      Series(testDescription: "NaN", numbers: [.nan, .nan, .nan]),
      Series(testDescription: "one", numbers: [7]),
    ]
  }()

  /// In pieces of many lengths, by every instruction set.
  @Test(arguments: series, [1, 5, 16, 2000])
  func areThoseOfASort(series: Series, limit: Int) {
    let numbers = series.numbers
    let places = Array(
      numbers.indices.filter { !numbers[$0].isNaN }.sorted {
        (numbers[$1], $0) < (numbers[$0], $1)
      }.prefix(limit))
    for kernels in KernelCase.kernels {
      let values = Guarded<Float>(count: limit)
      let found = Guarded<UInt32>(count: limit)
      var (kept, first) = (0, 0)
      for length in [1, 17, 16, 0, 3, 400, .max] {
        let piece = Guarded(numbers[first...].prefix(length))
        kept = kernels.keep_largest(
          values.pointer, found.pointer, kept, limit, piece.pointer, piece.count, UInt32(first))
        first += piece.count
      }
      #expect(found.elements.prefix(kept).map(Int.init) == places, "\(String(cString: kernels.name))")
      #expect(values.elements.prefix(kept).elementsEqual(places.map { numbers[$0] }))
    }
  }
}
