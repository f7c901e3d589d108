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

  @Test func whatNobodyWantsGoesBack() {
    let pool = MemoryPool()
    for size in 1...8 { _ = Matrix(rows: 1, columns: size * floats, in: pool) }
    // Of blocks that were never in use together, only the last and what is small beside it are kept.
    #expect(pool.mostBytesInUse == 8 * bytes)
    #expect(pool.allocatedBytes <= 9 * bytes)
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
