import Foundation
import Tensors

/// The angles by which rotary positions turn (Su et al. 2021, section 3.2.2): at position p the pair k of a head of d
/// elements by p · base^(−2k/d).
///
/// They are computed in double precision and rounded, so that another machine's mathematical library hardly ever gives
/// another bit.
public struct RotaryPositions: Sendable {
  public let headWidth: Int
  public let count: Int
  /// [count, headWidth / 2] each
  let cosines: [Float]
  let sines: [Float]

  /// - Parameters:
  ///   - headWidth: elements of a head; even.
  ///   - count: positions, from 0 on.
  public init(headWidth: Int, count: Int, base: Double = 10_000, scaling: RotaryScaling? = nil) {
    precondition(headWidth > 0 && headWidth % 2 == 0, "elements are turned in pairs")
    self.headWidth = headWidth
    self.count = count
    let frequencies = (0..<headWidth / 2).map { pair in
      let frequency = pow(base, -2 * Double(pair) / Double(headWidth))
      return scaling?.scaled(frequency) ?? frequency
    }
    let angles = (0..<count).flatMap { position in frequencies.map { Double(position) * $0 } }
    cosines = angles.map { Float(cos($0)) }
    sines = angles.map { Float(sin($0)) }
  }
}

extension Tape {
  /// Turns queries or keys by their positions, element k of a head together with element k + d/2, the pairs that Llama's
  /// published weights are for (Touvron et al. 2023, section 2.2).
  ///
  /// - Parameters:
  ///   - x: [rows, heads · d], heads side by side.
  ///   - positions: of each row within its sequence.
  public func rotate(_ x: Variable, positions: [Int], by angles: RotaryPositions) -> Variable {
    precondition(x.width % angles.headWidth == 0, "heads share the width evenly")
    precondition(
      positions.count == x.rows && positions.allSatisfy { (0..<angles.count).contains($0) },
      "each row has a position that there is an angle for")
    let output = variable(
      rotated(x.value, positions, angles, direction: 1), x.packing, requiresGradient: x.requiresGradient)
    record(output) { [self, sum = x.gradientSum] dy in
      sum?.add(rotated(dy, positions, angles, direction: -1), on: backend)
    }
    return output
  }

  private func rotated(_ x: Matrix, _ positions: [Int], _ angles: RotaryPositions, direction: Float) -> Matrix
  {
    let y = backend.matrix(x.rows, x.columns)
    let (half, heads) = (angles.headWidth / 2, x.columns / angles.headWidth)
    angles.cosines.withUnsafeBufferPointer { cosines in
      angles.sines.withUnsafeBufferPointer { sines in
        guard let cosines = cosines.baseAddress, let sines = sines.baseAddress else { return }
        backend.inRowBlocks(of: y) { rows in
          for row in rows {
            let angle = positions[row] * half
            backend.kernels.rotate(
              y.row(row), x.row(row), cosines + angle, sines + angle, direction, heads, half)
          }
        }
      }
    }
    return y
  }
}
