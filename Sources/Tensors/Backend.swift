import CBLAS
import CKernels
import Foundation
import Support

/// What computes: a crew of threads, the kernels of one instruction set, and a pool of memory.
public final class Backend: @unchecked Sendable {
  public let pool: ThreadPool
  public let memory: MemoryPool
  public let kernels: capstan_kernels
  /// Of matrix products.
  public let precision: Precision
  /// The arithmetic that operations have asked for; nil but on a dry backend.
  public let operations: OperationCounter?

  /// The instruction sets that have kernels, best first.
  public static let instructionSets = ["amx", "avx512bf16", "avx512", "avx2", "portable"]

  /// - Parameter instructionSet: one of ``instructionSets``, or “amx-emulated”, AMX's program without its registers, for
  ///   tests; nil takes `CAPSTAN_ISA` from the environment, or else the best that this processor has.
  /// - Parameter precision: nil takes bfloat16 where the instruction set has instructions for its products.
  /// - Parameter memory: where matrices are.
  /// - Throws: `Failure.usage` for an instruction set that is unknown or that this processor lacks.
  public init(
    threads: Int, instructionSet: String? = nil, precision: Precision? = .float32,
    memory: MemoryPool = MemoryPool()
  ) throws {
    let wanted = instructionSet ?? ProcessInfo.processInfo.environment["CAPSTAN_ISA"]
    kernels = try Self.kernels(for: wanted)
    pool = ThreadPool(threads: threads)
    self.memory = memory
    operations = nil
    let multipliesPairs = ["amx", "amx-emulated", "avx512bf16"].contains(String(cString: kernels.name))
    self.precision = precision ?? (multipliesPairs ? .bfloat16 : .float32)
    // Threads are ours: every call of the BLAS is one task of our own loop.
    openblas_set_num_threads(1)
  }

  /// A dry backend, on which a model's own code runs and computes nothing: a loop runs no task, a matrix has no memory. What
  /// the pass would take and do on a real one is then known from ``memory`` and ``operations``, whatever the model.
  ///
  /// Operations work on their elements in parallel loops, so that nothing is done here; what they do beside, they must be
  /// able to do on numbers that mean nothing.
  /// - Parameters:
  ///   - precision: of the products that are not computed.
  ///   - threads: that would share the work, each with scratch memory of its own.
  ///   - operations: which counts the arithmetic.
  public init(dry precision: Precision, threads: Int, counting operations: OperationCounter) throws {
    kernels = try Self.kernels(for: "portable")
    pool = ThreadPool(threads: threads, isDry: true)
    memory = MemoryPool(isDry: true)
    self.operations = operations
    self.precision = precision
  }

  public var instructionSet: String { String(cString: kernels.name) }

  /// An uninitialised matrix from the pool.
  public func matrix(_ rows: Int, _ columns: Int) -> Matrix {
    Matrix(rows: rows, columns: columns, in: memory)
  }

  /// Gives `body` scratch memory that goes back to the pool when it returns, and not before.
  public func withScratch<Result>(
    _ count: Int, _ body: (UnsafeMutablePointer<Float>) throws -> Result
  ) rethrows -> Result {
    let scratch = matrix(1, count)
    return try withExtendedLifetime(scratch) { try body(scratch.pointer) }
  }

  public func zeros(_ rows: Int, _ columns: Int) -> Matrix {
    let matrix = matrix(rows, columns)
    fillWithZeros(matrix)
    return matrix
  }

  public func fillWithZeros(_ matrix: Matrix) {
    inBlocks(of: matrix.count) { start, count in (matrix.pointer + start).update(repeating: 0, count: count) }
  }

  /// Runs tasks in parallel that each take scratch memory.
  /// - Parameter scratch: floats that a task has at a time, at most.
  public func parallel(_ count: Int, scratch: Int, _ body: (Int) -> Void) {
    if operations != nil {
      let taken = (0..<min(count, pool.threads)).map { _ in matrix(1, scratch) }
      withExtendedLifetime(taken) {}
    }
    pool.parallel(count, body)
  }

  /// Cuts a line of floats into blocks and runs them in parallel.
  public func inBlocks(of count: Int, _ body: (_ start: Int, _ count: Int) -> Void) {
    let block = 16_384
    pool.parallel((count + block - 1) / block) { index in
      body(index * block, min(block, count - index * block))
    }
  }

  /// Cuts a matrix's rows into blocks of about as many floats and runs them in parallel.
  public func inRowBlocks(of matrix: Matrix, _ body: (_ rows: Range<Int>) -> Void) {
    let block = max(1, 16_384 / max(1, matrix.columns))
    pool.parallel((matrix.rows + block - 1) / block) { index in
      body(index * block..<min(matrix.rows, (index + 1) * block))
    }
  }

  /// Whether this processor has the instructions.
  public static func supports(_ instructionSet: String) -> Bool {
    capstan_kernels_named(instructionSet) != nil
  }

  private static func kernels(for wanted: String?) throws -> capstan_kernels {
    if let wanted {
      guard let kernels = capstan_kernels_named(wanted) else {
        throw Failure.usage(
          instructionSets.contains(wanted)
            ? "This processor has no \(wanted): choose another CAPSTAN_ISA or unset it."
            : "CAPSTAN_ISA is “\(wanted)”, but the instruction sets with kernels are "
              + "\(instructionSets.joined(separator: ", ")): choose one of these or unset it.")
      }
      return kernels.pointee
    }
    for name in instructionSets {
      if let kernels = capstan_kernels_named(name) { return kernels.pointee }
    }
    throw Failure.runtime("This processor runs none of the kernels; build Capstan on the machine itself.")
  }
}
