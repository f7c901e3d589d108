import CKernels
import Collectives
import Foundation
import Support
import Tensors

/// What the machine can do at best with the instructions that products are computed by, as measured while this program
/// runs: what a benchmark's figures are compared with.
public struct MachinePeak: Codable, Equatable, Sendable {
  /// A speed of one thread that works alone, and of all threads of all ranks that work together.
  public struct Speed: Codable, Equatable, Sendable {
    public let oneThread: Double
    public let allThreads: Double
  }

  /// GFLOP/s of multiply-adds in registers, of the vectors that OpenBLAS's kernels use; nil where these are not known.
  public let float32: Speed?
  /// GFLOP/s of multiply-adds for products in bfloat16, by the backend's instruction set: in tiles, of pairs, or where it
  /// has no instructions for them of floats; nil for portable kernels.
  public let bfloat16: Speed?
  /// GB/s of the triad a = b + s · c, over arrays that no cache holds.
  public let memory: Speed

  init(float32: Speed?, bfloat16: Speed?, memory: Speed) {
    self.float32 = float32
    self.bfloat16 = bfloat16
    self.memory = memory
  }

  /// Measures for about a second. All ranks call this together.
  public init(_ communicator: Communicator, on backend: Backend) {
    let (vectors, instructionSet) = (BLASCore.instructionSet, backend.instructionSet)
    float32 = Self.speed(of: { vectors.map { capstan_multiply_adds($0) } ?? 0 }, communicator, on: backend)
    bfloat16 = Self.speed(of: { capstan_bfloat16_multiply_adds(instructionSet) }, communicator, on: backend)
    memory = Self.triad(communicator, on: backend)
  }

  /// The better of two measurements, speed by speed: whatever else runs on the machine can only slow one down.
  func better(_ other: MachinePeak) -> MachinePeak {
    func better(_ a: Speed, _ b: Speed) -> Speed {
      Speed(oneThread: max(a.oneThread, b.oneThread), allThreads: max(a.allThreads, b.allThreads))
    }
    func better(_ a: Speed?, _ b: Speed?) -> Speed? { a.flatMap { a in b.map { better(a, $0) } } }
    return MachinePeak(
      float32: better(float32, other.float32), bfloat16: better(bfloat16, other.bfloat16),
      memory: better(memory, other.memory))
  }

  /// GFLOP/s of all threads for products in a precision.
  public func arithmetic(_ precision: Precision) -> Double? {
    (precision == .bfloat16 ? bfloat16 : float32)?.allThreads
  }

  private static let runs = 5

  /// Each thread's speed is by its own processor time: a core that is lent to another program meanwhile would make the
  /// peak too low, and whatever is compared with it look too good.
  /// - Parameter kernel: returns the number of its operations.
  private static func speed(
    of kernel: @Sendable () -> Double, _ communicator: Communicator, on backend: Backend
  ) -> Speed? {
    guard kernel() > 0 else { return nil }
    return speed(communicator, on: backend) { threads in
      var speeds = [Double](repeating: 0, count: threads)
      speeds.withUnsafeMutableBufferPointer { speeds in
        nonisolated(unsafe) let speeds = speeds
        backend.pool.parallel(threads) { thread in
          for _ in 0..<10 * runs {
            let start = threadSeconds()
            let operations = kernel()
            speeds[thread] = max(speeds[thread], operations / (threadSeconds() - start) / 1e9)
          }
        }
      }
      return speeds.reduce(0, +)
    }
  }

  private static func triad(_ communicator: Communicator, on backend: Backend) -> Speed {
    let count = 1 << 25
    let block = 1 << 18
    // Not from the pool, which would keep them.
    let arrays = (0..<3).map { _ in
      UnsafeMutableRawBufferPointer.allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
        .bindMemory(to: Float.self)
    }
    defer { for array in arrays { array.deallocate() } }
    guard let a = arrays[0].baseAddress, let b = arrays[1].baseAddress, let c = arrays[2].baseAddress else {
      return Speed(oneThread: .nan, allThreads: .nan)
    }
    nonisolated(unsafe) let (x, y, z) = (a, b, c)
    // The first touch decides where the memory is.
    backend.pool.parallel(count / block) { index in
      for array in [x, y, z] { (array + index * block).initialize(repeating: 1, count: block) }
    }
    // Memory is shared by all cores, so this is by the clock on the wall.
    return speed(communicator, on: backend) { threads in
      let blocks = count / block
      let seconds = Timing(count: runs) {
        backend.pool.parallel(threads) { thread in
          for index in blocks.part(thread, of: threads) {
            let start = index * block
            capstan_triad(x + start, y + start, z + start, 0.5, block)
          }
        }
      }
      return Double(3 * MemoryLayout<Float>.stride * count) / seconds.best / 1e9
    }
  }

  /// - Parameter measured: the speed on so many threads of this rank.
  private static func speed(
    _ communicator: Communicator, on backend: Backend, _ measured: (_ threads: Int) -> Double
  ) -> Speed {
    communicator.barrier()
    let alone = communicator.isRoot ? measured(1) : 0
    communicator.barrier()
    let together = communicator.allGather([measured(backend.pool.threads)])
    return Speed(
      oneThread: communicator.allGather([alone])[0][0], allThreads: together.reduce(0) { $0 + $1[0] })
  }
}

/// The processor time of the calling thread.
private func threadSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
