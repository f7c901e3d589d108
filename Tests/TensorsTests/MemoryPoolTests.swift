import Foundation
import Testing

@testable import Tensors

@Suite struct MemoryPoolTests {
  private let floats = 1 << 16
  private var bytes: Int { floats * MemoryLayout<Float>.stride }

  @Test func aFreedBlockServesUpToAQuarterLess() {
    let pool = MemoryPool()
    _ = Matrix(rows: 1, columns: floats, in: pool)
    _ = Matrix(rows: 1, columns: floats * 9 / 10, in: pool)
    #expect(pool.allocatedBytes == bytes)
    let two = (0..<2).map { _ in Matrix(rows: 1, columns: floats * 9 / 10, in: pool) }
    #expect(pool.allocatedBytes > bytes && two[0].pointer != two[1].pointer)
  }

  @Test func whatGrowsTakesThePlaceOfWhatWas() {
    let pool = MemoryPool()
    for size in 1...8 { _ = Matrix(rows: 1, columns: size * floats, in: pool) }
    #expect(pool.mostBytesInUse == 8 * bytes && pool.allocatedBytes == 8 * bytes)
  }

  /// In whatever order neighbours are given back, a request of all their sizes fits.
  @Test(arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
  func freeNeighboursGrowTogether(order: [Int]) {
    let pool = MemoryPool()
    var blocks: [Matrix?] = (1...3).map { Matrix(rows: 1, columns: $0 * floats, in: pool) }
    let behind = Matrix(rows: 1, columns: floats, in: pool)
    let start = blocks[0]?.pointer
    for index in order { blocks[index] = nil }
    let whole = Matrix(rows: 1, columns: 6 * floats, in: pool)
    #expect(whole.pointer == start && pool.allocatedBytes == 7 * bytes)
    withExtendedLifetime(behind) {}
  }

  /// What is in use together never shares memory, whatever was given back between.
  @Test func blocksInUseAreApart() {
    let pool = MemoryPool()
    var random = Philox(seed: 5, stream: "pool")
    var blocks: [Matrix] = []
    for _ in 0..<2000 {
      if blocks.count > 30 || (!blocks.isEmpty && Bool.random(using: &random)) {
        let block = blocks.remove(at: .random(in: blocks.indices, using: &random))
        #expect(block.pointer[0] == block.pointer[block.count - 1] && block.pointer[0] == Float(block.count))
      } else {
        let block = Matrix(rows: 1, columns: .random(in: 1...200_000, using: &random), in: pool)
        block.pointer[0] = Float(block.count)
        block.pointer[block.count - 1] = Float(block.count)
        blocks.append(block)
      }
    }
    #expect(pool.allocatedBytes < 2 * pool.mostBytesInUse)
  }

  /// Batches of other sizes, step after step, as training has them: what was once enough stays enough.
  @Test func batchesOfManySizesTakeNothingNew() {
    let pool = MemoryPool()
    var random = Philox(seed: 6, stream: "batches")
    func step(rows: Int) {
      let kept = (0..<12).map { layer in
        let scratch = Matrix(rows: rows, columns: 3000, in: pool)
        return withExtendedLifetime(scratch) { Matrix(rows: rows, columns: 700 + layer % 3 * 700, in: pool) }
      }
      for matrix in kept.reversed() { _ = Matrix(rows: matrix.rows, columns: matrix.columns, in: pool) }
    }
    step(rows: 900)
    let first = pool.allocatedBytes
    for _ in 0..<20 { step(rows: .random(in: 500...900, using: &random)) }
    #expect(pool.allocatedBytes == first && Double(first) < 1.2 * Double(pool.mostBytesInUse))
  }

  @Test func aGuardedBlockIsAsLargeAsAskedForAndGoesAtOnce() {
    let pool = MemoryPool(isGuarded: true)
    let matrix = Matrix(rows: 3, columns: 11, in: pool)
    #expect(matrix.elements.allSatisfy { $0.isNaN })
    #expect(pool.allocatedBytes == 3 * 64 && UInt(bitPattern: matrix.pointer + 48) % UInt(getpagesize()) == 0)
    _ = Matrix(rows: 1, columns: floats, in: pool)
    #expect(pool.allocatedBytes == 3 * 64 && pool.mostBytesInUse == 3 * 64 + bytes)
  }

  #if compiler(>=6.2)
    @Test func behindAGuardedBlockNobodyWrites() async {
      await #expect(processExitsWith: .signal(SIGSEGV)) {
        let matrix = Matrix(rows: 1, columns: 16, in: MemoryPool(isGuarded: true))
        matrix.pointer[16] = 0
      }
    }

    @Test func aGuardedBlockIsNotReadAfterItsEnd() async {
      await #expect(processExitsWith: .signal(SIGSEGV)) {
        let pool = MemoryPool(isGuarded: true)
        let pointer = Matrix(rows: 1, columns: 16, in: pool).pointer
        withExtendedLifetime(pool) { pointer[0] = 0 }
      }
    }
  #endif

  @Test func whatIsInUseAlternatelyIsKept() {
    let pool = MemoryPool()
    func step() {
      let large = Matrix(rows: 1, columns: 16 * floats, in: pool)
      let small = (0..<4).map { _ in Matrix(rows: 1, columns: floats, in: pool) }
      withExtendedLifetime((large, small)) {}
    }
    step()
    let first = pool.allocatedBytes
    for _ in 0..<3 { step() }
    #expect(pool.allocatedBytes == first)
  }
}
