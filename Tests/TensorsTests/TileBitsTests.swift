import Support
import Testing

@testable import Tensors

/// The bits of products in AMX's tiles: what the emulation makes of numbers that are the same everywhere, and, where the
/// processor has tiles, the same from these.
@Suite struct TileBitsTests {
  static let instructionSets = ["amx-emulated", "amx"].filter(Backend.supports)

  /// Uniform in -1 ..< 1: drawn without a function that differs from one mathematics library to the next.
  private func matrix(_ rows: Int, _ columns: Int, _ stream: String, on backend: Backend) -> Matrix {
    let matrix = backend.matrix(rows, columns)
    var random = Philox(seed: 11, stream: stream)
    matrix.assign((0..<matrix.count).map { _ in Float(2 * random.uniform() - 1) })
    return matrix
  }

  private func weight(_ rows: Int, _ columns: Int, on backend: Backend) -> PackedWeight {
    let weight = PackedWeight(
      rows: rows, columns: columns,
      in: backend.matrix(1, PackedWeight.count(rows: rows, columns: columns)))
    weight.pack(matrix(rows, columns, "weight", on: backend), rows: 0..<rows, on: backend)
    return weight
  }

  private func expect(
    _ c: Matrix, _ fingerprint: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let bits = Fingerprint(of: UnsafeRawBufferPointer(c.buffer)).description.prefix(16)
    #expect(bits == fingerprint, sourceLocation: sourceLocation)
  }

  @Test(arguments: instructionSets) func ofProducts(instructionSet: String) throws {
    let backend = try Backend(threads: 1, instructionSet: instructionSet, precision: .bfloat16)
    let x = backend.rounded(matrix(45, 600, "rows", on: backend))
    let weight = weight(600, 70, on: backend)
    let c = backend.matrix(45, 70)
    backend.multiply(x, weight.straight, into: c, bias: matrix(1, 70, "bias", on: backend))
    expect(c, "f64f89f643050b08")

    let gradient = backend.matrix(45, 600)
    gradient.fill(1)
    backend.multiply(
      backend.rounded(c), weight.transposed, inner: 32..<70, into: gradient, addend: gradient)
    expect(gradient, "32721721833dc7d7")
  }

  /// Epilogues, whose arithmetic is the same on every instruction set.
  @Test(arguments: instructionSets) func ofActivations(instructionSet: String) throws {
    let backend = try Backend(threads: 1, instructionSet: instructionSet, precision: .bfloat16)
    let x = backend.rounded(matrix(45, 100, "rows", on: backend))
    let weight = weight(100, 70, on: backend)
    let (y, kept) = (
      BF16Rows(rows: 45, columns: 70, on: backend), BF16Rows(rows: 45, columns: 70, on: backend)
    )
    backend.multiply(
      x, weight.straight, bias: matrix(1, 70, "bias", on: backend), .gelu, into: y, keeping: kept)
    expect(y.widened(on: backend), "b817b3668c8f8e78")
    let slopes = BF16Rows(rows: 45, columns: 70, on: backend)
    backend.multiply(x, weight.straight, slopeOf: .gelu, at: kept, into: slopes)
    expect(slopes.widened(on: backend), "4d8ea97707fc8b70")
  }

  @Test(arguments: instructionSets) func overLanes(instructionSet: String) throws {
    let backend = try Backend(threads: 1, instructionSet: instructionSet, precision: .bfloat16)
    let laneRows = [40, 33, 31, 0, 1, 2, 64, 17]
    let starts = laneRows.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    func packed(_ columns: Int, _ stream: String, _ side: PackedBatch.Side) -> PackedBatch {
      PackedBatch(
        backend.rounded(matrix(starts[laneRows.count], columns, stream, on: backend)), side,
        lanes: zip(starts, starts.dropFirst()).map { $0..<$1 }, on: backend)
    }
    let c = backend.matrix(70, 45)
    backend.weightGradientMatmul(packed(70, "rows", .left), packed(45, "slopes", .right), into: c)
    expect(c, "bb694868029c0bdd")
  }
}
