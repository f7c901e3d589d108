import Tensors
import Testing

@testable import Collectives

@Suite struct MessageTests {
  /// The nearest number of bfloat16, ties to even.
  private func rounded(_ x: Float) -> Float {
    let bits = x.bitPattern
    return Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
  }

  private func numbers(_ count: Int, _ seed: Float) -> [Float] {
    (0..<count).map { Float($0 * 7919 % 1013 - 500) * seed / 977 }
  }

  private func matrix(_ values: [Float], on backend: Backend) -> Matrix {
    let matrix = backend.matrix(1, values.count)
    matrix.pointer.update(from: values, count: values.count)
    return matrix
  }

  @Test(arguments: Precision.allCases, [1, 15, 16, 17, 1000, 40_000])
  func whatIsSentComesBack(precision: Precision, count: Int) throws {
    let backend = try Backend(threads: 2)
    let values = numbers(count + 3, .pi)
    let message = backend.message(of: 3..<count + 3, of: matrix(values, on: backend), as: precision)
    #expect(message.count == precision.words(of: count))
    let back = backend.matrix(1, count)
    backend.decode(message.pointer, count: count, as: precision, to: back.pointer)
    #expect(back.elements == values[3...].map { precision == .float32 ? $0 : rounded($0) })
  }

  /// A sum does not tell which addend has travelled, and nothing around it is touched.
  @Test(arguments: Precision.allCases, [1, 17, 40_000]) func sumsAreSymmetric(
    precision: Precision, count: Int
  ) throws {
    let backend = try Backend(threads: 2)
    let (a, b) = (numbers(count + 5, .pi), numbers(count + 5, 0.7))
    let range = 2..<count + 2
    let sums = [(a, b), (b, a)].map { stays, travels in
      let buffer = matrix(stays, on: backend)
      let message = backend.message(of: range, of: matrix(travels, on: backend), as: precision)
      backend.add(message, to: range, of: buffer, as: precision)
      return buffer.elements
    }
    let expected = range.map { precision == .float32 ? a[$0] + b[$0] : rounded(a[$0]) + rounded(b[$0]) }
    #expect(Array(sums[0][range]) == expected && Array(sums[1][range]) == expected)
    #expect(sums[0].prefix(2) == a.prefix(2) && sums[0].suffix(3) == a.suffix(3))
  }
}
