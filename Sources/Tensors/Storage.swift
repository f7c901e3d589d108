import Foundation
import Synchronization

/// Memory of a matrix: 64-byte aligned floats, given back to its pool, or no longer keeping its owner, when the last
/// matrix on it goes.
public final class Storage: @unchecked Sendable {
  private enum Home {
    case pool(MemoryPool, Block)
    case owner(AnyObject)
  }

  let pointer: UnsafeMutablePointer<Float>
  private let home: Home

  fileprivate init(_ block: Block, of pool: MemoryPool) {
    pointer = block.pointer
    home = .pool(pool, block)
  }

  init(pointer: UnsafeMutablePointer<Float>, owner: AnyObject) {
    self.pointer = pointer
    home = .owner(owner)
  }

  deinit {
    if case .pool(let pool, let block) = home { pool.giveBack(block) }
  }
}

/// Keeps freed blocks for later requests of about their size, so that a training step allocates nothing once the first
/// steps have run. What is kept beyond an eighth of the most that was in use at a time goes back to the system.
public final class MemoryPool: Sendable {
  private struct State {
    /// By capacity; the blocks of one capacity in the order in which they were given back.
    var free: [Int: [Block]] = [:]
    var time = 0
    var allocated = 0
    var inUse = 0
    var mostInUse = 0
  }

  private let state = Mutex(State())
  private let isGuarded: Bool

  /// - Parameter isGuarded: for tests: every block is as large as asked for, up to 64 bytes, starts as NaN, ends where
  ///   touching memory ends the process, and is gone as soon as it is given back. By default where the environment has
  ///   `CAPSTAN_GUARDED_MEMORY`.
  public init(
    isGuarded: Bool = ProcessInfo.processInfo.environment["CAPSTAN_GUARDED_MEMORY"] != nil
  ) {
    self.isGuarded = isGuarded
  }

  /// Bytes that are taken from the system, in use or kept.
  public var allocatedBytes: Int { state.withLock { $0.allocated * MemoryLayout<Float>.stride } }

  /// The most bytes that were in use at a time.
  public var mostBytesInUse: Int { state.withLock { $0.mostInUse * MemoryLayout<Float>.stride } }

  /// At least `count` floats, uninitialised.
  func take(_ count: Int) -> Storage {
    let wanted = isGuarded ? count.padded(to: 16) : Self.sizeClass(count)
    let block = state.withLock { state in
      let block = kept(wanted, &state) ?? allocate(wanted, &state)
      state.inUse += block.capacity
      state.mostInUse = max(state.mostInUse, state.inUse)
      return block
    }
    return Storage(block, of: self)
  }

  fileprivate func giveBack(_ block: Block) {
    state.withLock { state in
      state.inUse -= block.capacity
      guard !isGuarded else {
        state.allocated -= block.capacity
        return
      }
      var block = block
      state.time += 1
      block.time = state.time
      state.free[block.capacity, default: []].append(block)
    }
  }

  deinit {
    state.withLock { state in
      for block in state.free.values.joined() { block.release() }
      state.free = [:]
    }
  }

  /// The smallest kept block that holds as much and is at most a quarter larger: batches have many sizes.
  private func kept(_ wanted: Int, _ state: inout State) -> Block? {
    var capacity = wanted
    while capacity <= wanted + wanted / 4 {
      if let block = state.free[capacity]?.popLast() { return block }
      capacity = Self.sizeClass(capacity + 1)
    }
    return nil
  }

  private func allocate(_ capacity: Int, _ state: inout State) -> Block {
    let mostInUse = max(state.mostInUse, state.inUse + capacity)
    while state.allocated + capacity > mostInUse + mostInUse / 8, releaseOldest(&state) {}
    state.allocated += capacity
    return isGuarded ? Block(guardedCapacity: capacity) : Block(capacity: capacity)
  }

  /// Gives the kept block back to the system that nobody has wanted for longest.
  private func releaseOldest(_ state: inout State) -> Bool {
    guard let oldest = state.free.values.compactMap(\.first).min(by: { $0.time < $1.time }) else {
      return false
    }
    state.free[oldest.capacity]?.removeFirst()
    oldest.release()
    state.allocated -= oldest.capacity
    return true
  }

  /// Captions have many lengths, so batches have many sizes: eight classes an octave waste at most an eighth, and
  /// never more than 4 MiB.
  private static func sizeClass(_ count: Int) -> Int {
    let count = max(count, 64)
    let octave = 1 << (Int.bitWidth - 1 - count.leadingZeroBitCount)
    let step = min(max(64, octave / 8), 1 << 20)
    return (count + step - 1) / step * step
  }
}

/// Memory from the system.
private struct Block: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  let capacity: Int
  /// When it was given back to the pool last.
  var time = 0
  /// Of a guarded pool's block, what unmaps it.
  private let guarded: GuardedMemory?

  private init(pointer: UnsafeMutablePointer<Float>, capacity: Int, guarded: GuardedMemory? = nil) {
    self.pointer = pointer
    self.capacity = capacity
    self.guarded = guarded
  }

  /// Memory that goes with the last copy of this block.
  init(guardedCapacity capacity: Int) {
    let memory = GuardedMemory(byteCount: capacity * MemoryLayout<Float>.stride)
    self.init(
      pointer: memory.start.bindMemory(to: Float.self, capacity: capacity), capacity: capacity,
      guarded: memory)
  }

  /// Large blocks are mapped, so that they really go back to the system, and in huge pages where there are any.
  init(capacity: Int) {
    let bytes = capacity * MemoryLayout<Float>.stride
    var memory: UnsafeMutableRawPointer?
    if Self.isMapped(capacity) {
      memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      precondition(memory != MAP_FAILED, "the system has no memory left")
      madvise(memory, bytes, MADV_HUGEPAGE)
    }
    let start = memory ?? .allocate(byteCount: bytes, alignment: 64)
    self.init(pointer: start.bindMemory(to: Float.self, capacity: capacity), capacity: capacity)
  }

  func release() {
    if Self.isMapped(capacity) {
      munmap(pointer, capacity * MemoryLayout<Float>.stride)
    } else {
      pointer.deallocate()
    }
  }

  private static func isMapped(_ capacity: Int) -> Bool { capacity >= 1 << 20 }
}
