import Tensors

/// Numbers to start from, in memory that must not be read beyond its end.
struct Input: Sendable {
  let floats: [Float]
  private let memory: Guarded<Float>

  init(_ floats: [Float]) {
    self.floats = floats
    memory = Guarded(floats)
  }

  var count: Int { floats.count }
  var pointer: UnsafePointer<Float> { UnsafePointer(memory.pointer) }
  var exact: [Rounded] { floats.map(Rounded.init) }

  /// Rows of `columns` numbers, `stride` apart; nothing stands behind the last.
  func rows(_ columns: Int, stride: Int? = nil) -> [[Rounded]] {
    let stride = stride ?? columns
    return Swift.stride(from: 0, to: count, by: stride).map { first in
      floats[first..<first + columns].map(Rounded.init)
    }
  }
}

extension Philox {
  /// Lengths about the edges of a vector of 16, a long one, and some at random.
  static let lengths: [Int] = {
    var random = Philox(seed: 3, stream: "lengths")
    return [1, 2, 15, 16, 17, 31, 33, 3072] + (0..<6).map { _ in .random(in: 3...400, using: &random) }
  }()

  /// Numbers in rows of `columns` that are `stride` apart, with nothing behind the last.
  mutating func input(
    rows: Int, of columns: Int, stride: Int, spread: Double = 1, extremes: [Float] = []
  ) -> Input {
    input((rows - 1) * stride + columns, spread: spread, extremes: extremes)
  }

  /// Shapes of one row, one column, and some at random.
  static let shapes: [(rows: Int, columns: Int)] = {
    var random = Philox(seed: 3, stream: "shapes")
    return [(1, 1), (1, 33), (17, 1), (3, 15), (2, 16), (33, 17), (2, 3072)]
      + (0..<6).map { _ in (.random(in: 1...24, using: &random), .random(in: 1...140, using: &random)) }
  }()

  /// Normal numbers, every seventh of them one of `extremes`.
  mutating func input(_ count: Int, spread: Double = 1, extremes: [Float] = []) -> Input {
    Input(
      (0..<count).map { index in
        let extreme = index % 7 == 3 ? extremes.randomElement(using: &self) : nil
        return extreme ?? Float(spread * normal())
      })
  }

  /// Uniform numbers.
  mutating func input(_ count: Int, in range: ClosedRange<Float>) -> Input {
    Input((0..<count).map { _ in .random(in: range, using: &self) })
  }
}

/// Zeros and denormals of both signs, and the smallest normal number.
let tinyNumbers: [Float] = [0, -0.0, 0x1p-149, -0x1p-140, 0x1p-128, .leastNormalMagnitude]
