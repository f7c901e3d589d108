/// The order in which samples are seen: a permutation for every epoch that is a pure function of (seed, epoch,
/// position), so that any rank can ask for any place and a resumed run continues where it was.
public struct Sampler: Sendable {
  public let count: Int
  private let seed: UInt64
  private let whole: Permutation
  private let windows: ShuffleBlocks?

  /// - Parameter window: samples that are shuffled together, for storage that is slow at random places; nil: all.
  public init(count: Int, window: Int? = nil, seed: UInt64) {
    precondition(count > 0 && window ?? 1 > 0, "a sampler has something to sample")
    self.count = count
    self.seed = seed
    whole = Permutation(count: count)
    windows = window.map { ShuffleBlocks(of: min($0, count), count: count) }
  }

  /// The sample at a position of an epoch.
  public func sample(epoch: Int, position: Int) -> Int {
    let key = Permutation.Key(seed: seed, epoch: UInt32(epoch))
    return windows?.sample(at: position, key) ?? whole.image(of: position, key)
  }

  /// The samples that should be read ahead when those at `positions` are wanted, as ranges of consecutive ones: of the
  /// window behind each that begins there.
  public func prefetch(epoch: Int, positions: Range<Int>) -> [Range<Int>] {
    let key = Permutation.Key(seed: seed, epoch: UInt32(epoch))
    return windows?.prefetch(of: positions, key) ?? []
  }
}

/// ShuffleBlocks of consecutive samples, behind the last of which comes the first. They are visited in random order, with what
/// is left over last, and each is shuffled. Where the first begins is drawn for every epoch, so that a sample meets
/// others each time, and others are left over.
private struct ShuffleBlocks: Sendable {
  private let count: Int
  private let size: Int
  /// Of where the first window begins, of the windows, and of the samples of one and of what is left over.
  private let begins, order, full, rest: Permutation

  init(of size: Int, count: Int) {
    (self.count, self.size) = (count, size)
    begins = Permutation(count: count)
    order = Permutation(count: count / size)
    full = Permutation(count: size)
    rest = Permutation(count: max(1, count % size))
  }

  func sample(at position: Int, _ key: Permutation.Key) -> Int {
    let (turn, place) = position.quotientAndRemainder(dividingBy: size)
    let start = start(ofTurn: turn, key)
    var key = key
    key.stream = 3 + UInt32(truncatingIfNeeded: turn)
    return (start + (turn < order.count ? full : rest).image(of: place, key)) % count
  }

  func prefetch(of positions: Range<Int>, _ key: Permutation.Key) -> [Range<Int>] {
    let begun = (positions.lowerBound + size - 1) / size..<(positions.upperBound + size - 1) / size
    let turns = begun.map { $0 + 1 } + (begun.contains(0) ? [0] : [])
    return turns.filter { $0 * size < count }.flatMap { turn in
      let start = start(ofTurn: turn, key) % count
      let end = start + (turn < order.count ? size : rest.count)
      return [start..<min(end, count), 0..<max(0, end - count)].filter { !$0.isEmpty }
    }
  }

  /// The first sample, which may be beyond the last one, of the window that comes at a turn.
  private func start(ofTurn turn: Int, _ key: Permutation.Key) -> Int {
    var key = key
    key.stream = 1
    let first = begins.image(of: 0, key)
    key.stream = 2
    return first + (turn < order.count ? order.image(of: turn, key) : turn) * size
  }
}
