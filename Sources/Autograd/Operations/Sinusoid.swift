import Foundation
import Tensors

/// Positions as sinusoids (Vaswani et al. 2017, section 3.5): element 2k of position p is sin(p · base^(−2k/width)), element
/// 2k + 1 the cosine. For the transformers of self-critical training and of object relations.
///
/// They are computed in double precision and rounded, as ``RotaryPositions`` are.
public struct SinusoidPositions: Sendable {
  public let width: Int
  public let count: Int
  /// [count, width]
  let values: [Float]

  /// - Parameter count: positions, from 0 on.
  public init(width: Int, count: Int, base: Double = 10_000) {
    self.width = width
    self.count = count
    values = (0..<count).flatMap { position in
      (0..<width).map { element in
        let angle = Double(position) * pow(base, -Double(element / 2 * 2) / Double(width))
        return Float(element % 2 == 0 ? sin(angle) : cos(angle))
      }
    }
  }
}

extension Tape {
  /// y = x + the sinusoid of each row's position. x: [rows, width]
  /// - Parameter positions: of each row within its sequence.
  public func addPositions(_ x: Variable, _ positions: [Int], of table: SinusoidPositions) -> Variable {
    precondition(x.width == table.width, "positions are as wide as what they are added to")
    precondition(
      positions.count == x.rows && positions.allSatisfy { (0..<table.count).contains($0) },
      "each row has a position that there is a sinusoid for")
    let y = backend.matrix(x.rows, x.width)
    table.values.withUnsafeBufferPointer { values in
      guard let values = values.baseAddress else { return }
      backend.inRowBlocks(of: y) { rows in
        for row in rows {
          backend.kernels.add(
            y.row(row), x.value.row(row), values + positions[row] * table.width, table.width)
        }
      }
    }
    let output = variable(y, x.packing, requiresGradient: x.requiresGradient)
    record(output) { [backend, sum = x.gradientSum] dy in sum?.add(dy, on: backend) }
    return output
  }
}
