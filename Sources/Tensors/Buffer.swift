import Foundation
import Synchronization

/// Memory of a matrix: 64-byte aligned floats, given back to its pool, or no longer keeping its owner, when the last
/// matrix on it goes.
public final class Buffer: @unchecked Sendable {
  private enum Origin {
    case pool(MemoryPool, Block)
    case owner(AnyObject)
  }

  let pointer: UnsafeMutablePointer<Float>
  private let origin: Origin

  fileprivate init(_ block: Block, of pool: MemoryPool) {
    pointer = block.pointer
    origin = .pool(pool, block)
  }

  init(pointer: UnsafeMutablePointer<Float>, owner: AnyObject) {
    self.pointer = pointer
    origin = .owner(owner)
  }

  deinit {
    if case .pool(let pool, let block) = origin { pool.giveBack(block) }
  }
}

/// Keeps freed memory for later requests of any size, so that a training step takes nothing from the system once the
/// largest batch has been seen: pages that come anew are zeroed first, which was a fifth of a step.
///
/// A large request gets the lowest place that is long enough, and neighbours that are free grow together. Steps free
/// most of what they take in reverse order, so what was touched is little more than the most that was in use at a time.
/// Small requests would tear that memory apart: they have size classes of their own.
public final class MemoryPool: Sendable {
  private struct State {
    /// Small blocks by capacity.
    var free: [Int: [Block]] = [:]
    var segments: [Segment] = []
    var smallAllocated = 0
    var guardedAllocated = 0
    /// Where all blocks of a dry pool are, and the ranges before that became too short, to which blocks still point.
    var dryRanges: [SystemMemory] = []
    var dryCount = 0
    var inUse = 0
    var mostInUse = 0

    /// Floats that were touched.
    var allocated: Int { segments.reduce(smallAllocated + guardedAllocated) { $0 + $1.touched } }
  }

  private let state = Mutex(State())
  private let isGuarded: Bool
  let isDry: Bool

  /// - Parameters:
  ///   - isGuarded: for tests: every block is as large as asked for, up to 64 bytes, starts as NaN, ends where
  ///     touching memory ends the process, and is gone as soon as it is given back. By default where the environment has
  ///     `CAPSTAN_GUARDED_MEMORY`.
  ///   - isDry: whether sizes and places are accounted for as ever, but all blocks are at one and the same address, where
  ///     what is written means nothing: no memory is taken, however much is asked for.
  public init(
    isGuarded: Bool = ProcessInfo.processInfo.environment["CAPSTAN_GUARDED_MEMORY"] != nil,
    isDry: Bool = false
  ) {
    self.isGuarded = isGuarded && !isDry
    self.isDry = isDry
  }

  /// Bytes that are taken from the system, in use or kept.
  public var allocatedBytes: Int { state.withLock { $0.allocated * MemoryLayout<Float>.stride } }

  /// Bytes in use.
  public var bytesInUse: Int { state.withLock { $0.inUse * MemoryLayout<Float>.stride } }

  /// The most bytes that were in use at a time.
  public var mostBytesInUse: Int { state.withLock { $0.mostInUse * MemoryLayout<Float>.stride } }

  /// At least `count` floats, uninitialised.
  func take(_ count: Int) -> Buffer {
    let block = state.withLock { state in
      let block =
        if isGuarded {
          guarded(count.padded(to: 16), &state)
        } else if count < Self.largeCount {
          small(Self.sizeClass(count), &state)
        } else {
          large(count.padded(to: 16), &state)
        }
      state.inUse += block.capacity
      state.mostInUse = max(state.mostInUse, state.inUse)
      return block
    }
    return Buffer(block, of: self)
  }

  fileprivate func giveBack(_ block: Block) {
    state.withLock { state in
      state.inUse -= block.capacity
      switch block.origin {
      case .guarded: state.guardedAllocated -= block.capacity
      case .sizeClass: state.free[block.capacity, default: []].append(block)
      case .segment(let index, let first): state.segments[index].giveBack(first..<first + block.capacity)
      }
    }
  }

  deinit {
    state.withLock { state in
      if !isDry { for block in state.free.values.joined() { block.pointer.deallocate() } }
      state = State()
    }
  }

  private func guarded(_ capacity: Int, _ state: inout State) -> Block {
    state.guardedAllocated += capacity
    let memory = GuardedMemory(byteCount: capacity * MemoryLayout<Float>.stride)
    return Block(
      pointer: memory.start.bindMemory(to: Float.self, capacity: capacity), capacity: capacity,
      origin: .guarded(memory))
  }

  private func small(_ capacity: Int, _ state: inout State) -> Block {
    if let block = state.free[capacity]?.popLast() { return block }
    state.smallAllocated += capacity
    if isDry {
      return Block(pointer: dryPointer(holding: capacity, &state), capacity: capacity, origin: .sizeClass)
    }
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: capacity * MemoryLayout<Float>.stride, alignment: 64)
    return Block(
      pointer: memory.bindMemory(to: Float.self, capacity: capacity), capacity: capacity, origin: .sizeClass)
  }

  private func large(_ capacity: Int, _ state: inout State) -> Block {
    for index in state.segments.indices {
      if let first = state.segments[index].take(capacity) {
        let start = state.segments[index].start.map { $0 + first } ?? dryPointer(holding: capacity, &state)
        return Block(pointer: start, capacity: capacity, origin: .segment(index, first: first))
      }
    }
    state.segments.append(Segment(holding: capacity, isDry: isDry))
    return large(capacity, &state)
  }

  /// An address behind which so many floats may be read and written.
  private func dryPointer(holding count: Int, _ state: inout State) -> UnsafeMutablePointer<Float> {
    if count > state.dryCount {
      state.dryCount = 2 * count
      state.dryRanges.append(SystemMemory(bytes: state.dryCount * MemoryLayout<Float>.stride))
    }
    return state.dryRanges[state.dryRanges.count - 1].start.bindMemory(to: Float.self, capacity: count)
  }

  private static let largeCount = 1 << 14

  /// Eight classes an octave waste at most an eighth.
  private static func sizeClass(_ count: Int) -> Int {
    let count = max(count, 64)
    let octave = 1 << (Int.bitWidth - 1 - count.leadingZeroBitCount)
    return count.padded(to: max(64, octave / 8))
  }
}

/// Floats of a pool, and where they go back to.
private struct Block: @unchecked Sendable {
  enum Origin {
    /// Unmapped with the last copy of this.
    case guarded(GuardedMemory)
    case sizeClass
    case segment(Int, first: Int)
  }

  let pointer: UnsafeMutablePointer<Float>
  let capacity: Int
  let origin: Origin
}

/// Addresses that become memory where they are first touched.
private struct Segment: @unchecked Sendable {
  /// nil in a dry pool.
  private let memory: SystemMemory?
  private let count: Int
  /// Stretches that nobody uses, in ascending order, no two of which touch each other.
  private var free: [Range<Int>]
  /// Floats up to the highest that was ever in use.
  private(set) var touched = 0

  init(holding capacity: Int, isDry: Bool) {
    count = max(capacity, 1 << 28)
    free = [0..<count]
    memory = isDry ? nil : SystemMemory(bytes: count * MemoryLayout<Float>.stride)
  }

  var start: UnsafeMutablePointer<Float>? { memory?.start.bindMemory(to: Float.self, capacity: count) }

  /// Where the first stretch begins that is long enough; nil where none is.
  mutating func take(_ capacity: Int) -> Int? {
    guard let index = free.firstIndex(where: { $0.count >= capacity }) else { return nil }
    let first = free[index].lowerBound
    if free[index].count == capacity {
      free.remove(at: index)
    } else {
      free[index] = first + capacity..<free[index].upperBound
    }
    touched = max(touched, first + capacity)
    return first
  }

  mutating func giveBack(_ stretch: Range<Int>) {
    var range = stretch
    var index = free.firstIndex { $0.lowerBound > range.lowerBound } ?? free.endIndex
    if index < free.endIndex, free[index].lowerBound == range.upperBound {
      range = range.lowerBound..<free.remove(at: index).upperBound
    }
    if index > 0, free[index - 1].upperBound == range.lowerBound {
      index -= 1
      range = free.remove(at: index).lowerBound..<range.upperBound
    }
    free.insert(range, at: index)
  }
}
