import CKernels
import Support
import Testing

/// All 65,536 numbers of half precision, by processor instructions where there are any and without.
@Suite struct HalfTests {
  typealias Kernel = @Sendable @convention(c) (UnsafeRawPointer?, UnsafeMutablePointer<Float>?, Int) -> Void

  private func convertAll(with kernel: Kernel) -> [Float] {
    let halves = (0...UInt16.max).map { $0 }
    return [Float](unsafeUninitializedCapacity: halves.count) { floats, count in
      kernel(halves, floats.baseAddress, halves.count)
      count = halves.count
    }
  }

  /// The fingerprint is NumPy 2.4.6's:
  ///
  ///     f = numpy.arange(65536, dtype="u2").view("f2").astype("f4"); f[numpy.isnan(f)] = numpy.nan
  ///     hashlib.sha256(f.tobytes()).hexdigest()
  @Test(arguments: [capstan_half_to_float, capstan_half_to_float_portable] as [Kernel])
  func everyHalfAsNumPyHasIt(kernel: @escaping Kernel) {
    let floats = convertAll(with: kernel).map { $0.isNaN ? Float(bitPattern: 0x7FC0_0000) : $0 }
    let fingerprint = floats.withUnsafeBytes { Fingerprint(of: $0) }
    #expect(fingerprint.description == "385ff5fe69182797cda5f1827e20cf423f4416bc9246f27d0eec27cac9039259")
  }

  @Test(arguments: [capstan_half_to_float, capstan_half_to_float_portable] as [Kernel])
  func nansStayNaNsOfTheirSign(kernel: @escaping Kernel) {
    let floats = convertAll(with: kernel)
    for bits in 0...UInt16.max where Float16(bitPattern: bits).isNaN {
      #expect(floats[Int(bits)].isNaN && (floats[Int(bits)].sign == .minus) == (bits >= 0x8000))
    }
  }

  /// Rows of a mapped file begin where they begin, and end with less than a vector register's worth.
  @Test(arguments: [capstan_half_to_float, capstan_half_to_float_portable] as [Kernel])
  func unalignedAndShortRuns(kernel: @escaping Kernel) {
    let bytes: [UInt8] = [0xFF] + Array(repeating: [0x00, 0x3C, 0x00, 0xC0], count: 8).joined()
    for count in 0...16 {
      var floats = [Float](repeating: 7, count: 17)
      bytes.withUnsafeBytes { kernel($0.baseAddress.map { $0 + 1 }, &floats, count) }
      #expect(floats == (0..<17).map { $0 < count ? ($0 % 2 == 0 ? 1 : -2) : 7 })
    }
  }

  @Test func brainFloats() {
    let values: [UInt16] = [0x3F80, 0xC020, 0x7F80, 0x0001]
    var floats = [Float](repeating: 0, count: 4)
    capstan_bfloat16_to_float(values, &floats, 4)
    #expect(floats == [1, -2.5, .infinity, Float(bitPattern: 0x0001_0000)])
  }

  @Test(arguments: [0, 1023, 1024, 5000, 5001])
  func firstNonFinite(place: Int) {
    for (bad, badHalf) in [(Float.nan, 0x7C01), (.infinity, 0x7C00), (-.infinity, 0xFC00)]
      as [(Float, UInt16)]
    {
      var floats = [Float](repeating: .greatestFiniteMagnitude, count: 5001)
      var halves = [UInt16](repeating: 0xFBFF, count: 5001)
      if place < 5001 { (floats[place], halves[place]) = (bad, badHalf) }
      #expect(capstan_first_nonfinite_float(floats, 5001) == place)
      #expect(capstan_first_nonfinite_half(halves, 5001) == place)
    }
  }
}
