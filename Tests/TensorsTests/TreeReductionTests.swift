import Tensors
import Testing

/// The fixed tree has several forms, for what they add lies in different places; all of them are this one. Those over
/// ranks and microbatches are compared with `TreeReducer` where they are tested.
@Suite struct TreeReductionTests {
  private func tree<Number: FloatingPoint>(_ values: ArraySlice<Number>) -> Number {
    guard values.count > 1 else { return values.first ?? 0 }
    let half = values.count.leftCount
    return tree(values.prefix(half)) + tree(values.dropFirst(half))
  }

  /// Of many magnitudes, so that another order of additions shows.
  private func value<Number: BinaryFloatingPoint>(_ index: Int) -> Number {
    Number(1 + index * 7 % 5) / Number(3 + index * index * 11 % 97) * (index % 3 == 0 ? 1000 : 1)
  }

  @Test(arguments: 0...33) func allFormsAreEqual(count: Int) throws {
    let backend = try Backend(threads: 1)
    let floats: [Float] = (0..<count).map(value)
    var reducer = TreeReducer(count: 1, on: backend)
    for float in floats { reducer.add { $0.pointee = float } }
    #expect(reducer.total().elements == [tree(floats[...])])
    let doubles: [Double] = (0..<count).map(value)
    #expect(doubles.treeSum() == tree(doubles[...]))
  }

  @Test func theTreeIsTheOneThatIsDocumented() {
    #expect((2...9).map(\.leftCount) == [1, 2, 2, 4, 4, 4, 4, 8])
  }
}
