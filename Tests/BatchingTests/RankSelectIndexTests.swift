import Datasets
import Tensors
import Testing

@testable import Batching

@Suite struct RankSelectIndexTests {
  @Test(arguments: [1, 63, 64, 65, 511, 512, 513, 5000], [1, 2, 7, 600])
  func placesAreThoseOfTheBits(count: Int, every: Int) {
    var random = Philox(seed: UInt64(count), stream: UInt64(every))
    let chosen = (0..<count).filter { _ in random.next() % UInt64(every) == 0 }
    var bits = BitVector(count: count)
    for place in chosen { bits.insert(place) }
    #expect((0..<count).filter(bits.contains) == chosen)
    let selection = RankSelectIndex(bits)
    #expect(selection.count == chosen.count)
    #expect((0..<selection.count).map(selection.place(of:)) == chosen)
  }
}
