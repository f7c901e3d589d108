import Synchronization

/// Memory of a matrix: 64-byte aligned floats, given back to its pool, or no longer keeping its owner, when the last
/// matrix on it goes.
public final class Storage: @unchecked Sendable {
  private enum Home {
    case pool(MemoryPool, capacity: Int)
    case owner(AnyObject)
  }

  let pointer: UnsafeMutablePointer<Float>
  private let home: Home

  init(pointer: UnsafeMutablePointer<Float>, capacity: Int, pool: MemoryPool) {
    self.pointer = pointer
    home = .pool(pool, capacity: capacity)
  }

  init(pointer: UnsafeMutablePointer<Float>, owner: AnyObject) {
    self.pointer = pointer
    home = .owner(owner)
  }

  deinit {
    if case .pool(let pool, let capacity) = home { pool.giveBack(pointer, capacity: capacity) }
  }
}

/// Keeps freed blocks for the next request of the same size class, so that a training step allocates nothing once
/// the first has run.
public final class MemoryPool: Sendable {
  private struct Block: @unchecked Sendable { let pointer: UnsafeMutablePointer<Float> }
  private struct State {
    var free: [Int: [Block]] = [:]
    var allocatedFloats = 0
  }

  private let state = Mutex(State())

  public init() {}

  /// Bytes taken from the system so far, in use or kept.
  public var allocatedBytes: Int { state.withLock { $0.allocatedFloats * MemoryLayout<Float>.stride } }

  /// At least `count` floats, uninitialised.
  func take(_ count: Int) -> Storage {
    let capacity = sizeClass(count)
    let block = state.withLock { state -> Block in
      if let kept = state.free[capacity]?.popLast() { return kept }
      state.allocatedFloats += capacity
      return Block(pointer: allocateFloats(capacity))
    }
    return Storage(pointer: block.pointer, capacity: capacity, pool: self)
  }

  fileprivate func giveBack(_ pointer: UnsafeMutablePointer<Float>, capacity: Int) {
    let block = Block(pointer: pointer)
    state.withLock { $0.free[capacity, default: []].append(block) }
  }

  deinit {
    state.withLock { state in
      for block in state.free.values.joined() { block.pointer.deallocate() }
      state.free = [:]
    }
  }

  /// Captions have many lengths, so batches have many sizes: eight classes an octave waste at most an eighth.
  private func sizeClass(_ count: Int) -> Int {
    let count = max(count, 64)
    let step = max(64, (1 << (Int.bitWidth - 1 - count.leadingZeroBitCount)) / 8)
    return (count + step - 1) / step * step
  }
}

private func allocateFloats(_ count: Int) -> UnsafeMutablePointer<Float> {
  UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
    .bindMemory(to: Float.self, capacity: count)
}
