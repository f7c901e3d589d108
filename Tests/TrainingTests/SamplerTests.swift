import Testing

@testable import Training

@Suite struct SamplerTests {
  private func order(count: Int, seed: UInt64, epoch: Int) -> [Int] {
    let sampler = Sampler(count: count, seed: seed)
    return (0..<count).map { sampler.sample(epoch: epoch, position: $0) }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 7, 16, 17, 1000, 4096, 4097]) func permutes(count: Int) {
    for epoch in [0, 1, 1_000_000] {
      #expect(order(count: count, seed: 3, epoch: epoch).sorted() == Array(0..<count))
    }
  }

  @Test func epochsAndSeedsDiffer() {
    let orders = [(0, 0), (0, 1), (1, 0), (1, 1)].map { order(count: 1000, seed: $0.0, epoch: $0.1) }
    #expect(Set(orders).count == 4)
    // Nor is one a shift of the other: hardly any sample keeps its place.
    #expect(zip(orders[0], orders[1]).count { $0 == $1 } < 10)
  }

  /// A resumed run depends on these staying as they are.
  @Test func knownAnswers() {
    #expect(order(count: 10, seed: 0, epoch: 0) == [5, 0, 7, 6, 1, 9, 3, 2, 8, 4])
    #expect(order(count: 10, seed: 7, epoch: 2) == [5, 0, 3, 2, 1, 8, 7, 4, 6, 9])
  }

  /// Positions are spread evenly: in 200 epochs of 20 samples each sample comes first about ten times.
  @Test func firstPlacesAreEven() {
    var counts = [Int](repeating: 0, count: 20)
    for epoch in 0..<200 { counts[Sampler(count: 20, seed: 5).sample(epoch: epoch, position: 0)] += 1 }
    #expect(counts.allSatisfy { (2...24).contains($0) }, "\(counts)")
  }
}
