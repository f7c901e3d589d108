import CKernels
import Testing

/// What stands beside the tables of kernels, on memory that ends where its numbers end.
@Suite struct FreeFunctionTests {
  static let counts = Array(0...40) + [1023, 1024, 1025]

  @Test(arguments: counts)
  func widens(count: Int) {
    let halves = (0..<count).map { Float16($0) }, brains = (0..<count).map { Float($0 % 256) }
    let (x, z) = (Guarded(halves), Guarded(brains.map { UInt16($0.bitPattern >> 16) }))
    for convert in [capstan_half_to_float, capstan_half_to_float_portable] {
      let y = Guarded<Float>(count: count)
      convert(x.pointer, y.pointer, count)
      #expect(y.elements == halves.map(Float.init))
    }
    let y = Guarded<Float>(count: count)
    capstan_bfloat16_to_float(z.pointer, y.pointer, count)
    #expect(y.elements == brains)
  }

  @Test(arguments: counts)
  func looksForNonFinite(count: Int) {
    let (floats, halves) = (Guarded((0..<count).map(Float.init)), Guarded((0..<count).map { Float16($0) }))
    #expect(capstan_first_nonfinite_float(floats.pointer, count) == count)
    #expect(capstan_first_nonfinite_half(halves.pointer, count) == count)
  }

  @Test(arguments: counts)
  func triad(count: Int) {
    let (b, c) = (Guarded((0..<count).map(Float.init)), Guarded((0..<count).map { Float(2 * $0) }))
    let a = Guarded<Float>(count: count, alignment: 64)
    capstan_triad(a.pointer, b.pointer, c.pointer, 0.5, count)
    #expect(a.elements == (0..<count).map { Float(2 * $0) })
    let behind = UnsafeBufferPointer(start: a.pointer + count, count: (16 - count % 16) % 16)
    #expect(behind.allSatisfy { $0.isNaN })
  }
}
