import CKernels
import Testing

@testable import Tensors

/// Products in bfloat16 against the same sums in double precision, on every instruction set that runs here.
struct BF16MatmulTests {
  static let instructionSets = (Backend.instructionSets + ["amx-emulated"]).filter(Backend.supports)

  static let shapes: [(rows: Int, inner: Int, columns: Int)] = [
    (1, 1, 1), (1, 2, 33), (2, 31, 1), (5, 33, 31), (12, 64, 32), (13, 65, 64), (31, 100, 45), (33, 7, 129),
    (34, 600, 40), (260, 20, 130),
  ]

  /// In whose memory nothing can be touched beyond what belongs to a matrix.
  private func backend(_ instructionSet: String, threads: Int) throws -> Backend {
    try Backend(
      threads: threads, instructionSet: instructionSet, precision: .bfloat16,
      memory: MemoryPool(isGuarded: true))
  }

  private func matrix(_ rows: Int, _ columns: Int, seed: Int, on backend: Backend) -> Matrix {
    let matrix = backend.matrix(rows, columns)
    var random = Philox(seed: UInt64(seed), stream: "operands")
    matrix.assign((0..<rows * columns).map { _ in Float(random.normal()) })
    return matrix
  }

  private func weight(_ rows: Int, _ columns: Int, on backend: Backend) -> PackedWeight {
    let memory = backend.matrix(1, PackedWeight.count(rows: rows, columns: columns))
    memory.fill(.nan)
    return PackedWeight(rows: rows, columns: columns, in: memory)
  }

  /// To the nearest, ties to even.
  private func rounded(_ x: Float) -> Double {
    let upper = x.bitPattern & 0xffff_0000
    let below = Float(bitPattern: upper)
    let above = Float(bitPattern: upper + 0x10000)
    let (toBelow, toAbove) = (Double(x) - Double(below), Double(above) - Double(x))
    if abs(toBelow) == abs(toAbove) { return Double(upper >> 16 & 1 == 0 ? below : above) }
    return Double(abs(toBelow) < abs(toAbove) ? below : above)
  }

  /// aᵀ or a, times b, in double precision, and what the terms' magnitudes add up to.
  private func reference(
    _ shape: (rows: Int, inner: Int, columns: Int), _ a: (Int, Int) -> Float, _ b: (Int, Int) -> Float
  ) -> [(sum: Double, magnitude: Double)] {
    let left = (0..<shape.rows).map { m in (0..<shape.inner).map { rounded(a(m, $0)) } }
    let right = (0..<shape.columns).map { n in (0..<shape.inner).map { rounded(b($0, n)) } }
    return left.flatMap { row in
      right.map { column in
        zip(row, column).reduce(into: (sum: 0.0, magnitude: 0.0)) { total, pair in
          total.sum += pair.0 * pair.1
          total.magnitude += abs(pair.0 * pair.1)
        }
      }
    }
  }

  private func expect(
    _ c: Matrix, _ expected: [(sum: Double, magnitude: Double)],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let worst =
      zip(c.elements, expected).map { abs(Double($0) - $1.sum) / max(1e-30, $1.magnitude) }.max() ?? 0
    // Sequential sums of n terms err by less than n units in the last place; in truth by far less.
    #expect(worst < 3e-6, sourceLocation: sourceLocation)
  }

  @Test(arguments: instructionSets, shapes.indices)
  func forward(instructionSet: String, index: Int) throws {
    let backend = try backend(instructionSet, threads: 2)
    let shape = Self.shapes[index]
    let a = matrix(shape.rows, shape.inner, seed: 1, on: backend)
    let w = matrix(shape.inner, shape.columns, seed: 2, on: backend)
    let bias = matrix(1, shape.columns, seed: 3, on: backend)
    let packed = weight(shape.inner, shape.columns, on: backend)
    packed.pack(w, rows: 0..<shape.inner, on: backend)
    let expected = reference(shape, { a.row($0)[$1] }, { w.row($0)[$1] })

    let c = backend.matrix(shape.rows, shape.columns)
    c.fill(.nan)
    backend.multiply(backend.rounded(a), packed.straight, into: c)
    expect(c, expected)

    backend.multiply(backend.rounded(a), packed.straight, into: c, bias: bias)
    expect(
      c, expected.enumerated().map { ($1.sum + Double(bias.pointer[$0 % shape.columns]), $1.magnitude + 1) })
  }

  @Test(arguments: instructionSets, shapes.indices)
  func inputGradient(instructionSet: String, index: Int) throws {
    let backend = try backend(instructionSet, threads: 2)
    let shape = Self.shapes[index]
    let a = matrix(shape.rows, shape.inner, seed: 4, on: backend)
    let w = matrix(shape.columns, shape.inner, seed: 5, on: backend)
    let packed = weight(shape.columns, shape.inner, on: backend)
    // Refreshed in parts, as an optimizer does that owns only some rows.
    for first in stride(from: 0, to: shape.columns, by: 64) {
      packed.pack(w, rows: first..<min(shape.columns, first + 64), on: backend)
    }
    let c = backend.matrix(shape.rows, shape.columns)
    c.fill(.nan)
    backend.multiply(backend.rounded(a), packed.transposed, into: c)
    expect(c, reference(shape, { a.row($0)[$1] }, { w.row($1)[$0] }))
  }

  @Test(arguments: instructionSets, [[1], [3, 1], [0, 5, 2], [40, 33, 31, 0, 1, 2, 64, 17]])
  func weightGradient(instructionSet: String, laneRows: [Int]) throws {
    let backend = try backend(instructionSet, threads: 2)
    for (m, n) in [(1, 1), (33, 45), (260, 40)] {
      let rows = laneRows.reduce(0, +)
      let a = matrix(rows, m, seed: 6, on: backend)
      let b = matrix(rows, n, seed: 7, on: backend)
      let starts = laneRows.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
      let lanes = zip(starts, starts.dropFirst()).map { $0..<$1 }
      let c = backend.matrix(m, n)
      c.fill(.nan)
      backend.weightGradientMatmul(
        PackedBatch(backend.rounded(a), .left, lanes: lanes, on: backend),
        PackedBatch(backend.rounded(b), .right, lanes: lanes, on: backend), into: c)
      expect(c, reference((m, rows, n), { a.row($1)[$0] }, { b.row($0)[$1] }))
    }
  }

  /// What stands around an element in a product does not change it.
  @Test(arguments: instructionSets)
  func bitsDoNotDependOnTheCut(instructionSet: String) throws {
    let backend = try backend(instructionSet, threads: 1)
    // Longer than what a product takes in one pass.
    let (rows, inner, columns) = (75, 4200, 70)
    let a = backend.rounded(matrix(rows, inner, seed: 8, on: backend))
    let w = weight(inner, columns, on: backend)
    w.pack(matrix(inner, columns, seed: 9, on: backend), rows: 0..<inner, on: backend)
    let whole = backend.matrix(rows, columns)
    backend.multiply(a, w.straight, into: whole)
    let parts = backend.matrix(rows, columns)
    for row in stride(from: 0, to: rows, by: 32) {
      for column in stride(from: 0, to: columns, by: 32) {
        backend.multiply(
          a, rows: row..<min(rows, row + 32), w.straight, columns: column..<min(columns, column + 32),
          into: parts.row(row) + column, stride: columns)
      }
    }
    #expect(whole.elements == parts.elements)
  }

  /// Blocks are cut by the number of threads, and end in the same bits.
  @Test(arguments: instructionSets)
  func bitsDoNotDependOnThreads(instructionSet: String) throws {
    let results = try [1, 2, 7].map { threads -> [[Float]] in
      let backend = try backend(instructionSet, threads: threads)
      let a = backend.rounded(matrix(300, 70, seed: 12, on: backend))
      let w = weight(70, 200, on: backend)
      w.pack(matrix(70, 200, seed: 13, on: backend), rows: 0..<70, on: backend)
      let c = backend.matrix(300, 200)
      backend.multiply(a, w.straight, into: c)
      let (y, kept) = (
        BF16Rows(rows: 300, columns: 200, on: backend), BF16Rows(rows: 300, columns: 200, on: backend)
      )
      backend.multiply(a, w.straight, bias: nil, .gelu, into: y, keeping: kept)
      return [c.elements, y.widened(on: backend).elements, kept.widened(on: backend).elements]
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  /// All but AMX, which adds even and odd places apart.
  @Test func instructionSetsAgree() throws {
    let results = try Self.instructionSets.filter { !$0.hasPrefix("amx") }.map { name -> [Float] in
      let backend = try backend(name, threads: 1)
      let w = weight(513, 37, on: backend)
      w.pack(matrix(513, 37, seed: 10, on: backend), rows: 0..<513, on: backend)
      let c = backend.matrix(21, 37)
      backend.multiply(backend.rounded(matrix(21, 513, seed: 11, on: backend)), w.straight, into: c)
      return c.elements
    }
    for other in results.dropFirst() { #expect(other == results[0]) }
  }
}
