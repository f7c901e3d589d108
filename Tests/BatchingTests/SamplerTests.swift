import Testing

@testable import Batching

@Suite struct SamplerTests {
  private func order(count: Int, window: Int? = nil, seed: UInt64, epoch: Int) -> [Int] {
    let sampler = Sampler(count: count, window: window, seed: seed)
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

  // MARK: ShuffleBlocks

  @Test(arguments: [1, 2, 5, 16, 100, 1000], [1, 2, 3, 16, 99, 100, 5000])
  func windowsPermute(count: Int, window: Int) {
    for epoch in [0, 1, 1_000_000] {
      let order = order(count: count, window: window, seed: 3, epoch: epoch)
      #expect(order.sorted() == Array(0..<count))
      #expect(order == self.order(count: count, window: window, seed: 3, epoch: epoch))
    }
  }

  /// As many consecutive positions hold consecutive samples, in another order; behind the last comes the first.
  @Test func aWindowHoldsConsecutiveSamples() {
    for epoch in 0..<5 {
      let order = order(count: 103, window: 10, seed: 1, epoch: epoch)
      let windows = stride(from: 0, to: 103, by: 10).map { Array(order[$0..<min($0 + 10, 103)]) }
      let begins = windows.compactMap { window in
        window.first { !window.contains(($0 + 102) % 103) }
      }
      for (first, window) in zip(begins, windows) {
        #expect(Set(window) == Set((0..<window.count).map { (first + $0) % 103 }))
      }
      #expect(begins != begins.sorted())
      #expect(windows.dropLast().count { $0 != $0.sorted() } >= 9)
    }
  }

  @Test func windowsOfEpochsAndSeedsDiffer() {
    let orders = [(0, 0), (0, 1), (1, 0), (1, 1)].map {
      order(count: 1000, window: 50, seed: $0.0, epoch: $0.1)
    }
    #expect(Set(orders).count == 4)
    #expect(
      order(count: 20, window: 6, seed: 7, epoch: 2)
        == [8, 4, 7, 6, 9, 5, 13, 15, 11, 14, 10, 12, 17, 16, 0, 1, 19, 18, 3, 2])
  }

  /// What is read ahead is what comes next.
  @Test func whatIsReadAheadIsTheNextWindow() {
    let sampler = Sampler(count: 103, window: 10, seed: 1)
    var ahead: [[Int]] = []
    for start in stride(from: 0, to: 103, by: 4) {
      for range in [sampler.prefetch(epoch: 3, positions: start..<min(start + 4, 103))]
      where !range.isEmpty {
        ahead.append(range.flatMap(Array.init))
      }
    }
    let order = order(count: 103, window: 10, seed: 1, epoch: 3)
    #expect(ahead.joined().sorted() == Array(0..<103))
    // The first position begins a window too, and has the one behind it read with it.
    #expect(Set(ahead[0]) == Set(order[0..<20]))
    for (window, read) in ahead.enumerated().dropFirst() {
      #expect(Set(read) == Set(order[10 * (window + 1)..<min(103, 10 * (window + 2))]))
    }
    #expect(Sampler(count: 103, seed: 1).prefetch(epoch: 3, positions: 0..<10).isEmpty)
  }
}
