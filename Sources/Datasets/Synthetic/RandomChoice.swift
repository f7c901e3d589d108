import Tensors

/// Draws that stay the same with every version of the standard library, whose own `randomElement` and
/// `shuffled` promise no algorithm.
extension Philox {
  mutating func index(below count: Int) -> Int { Int(uniform() * Double(count)) }

  mutating func element<Element>(of elements: [Element]) -> Element { elements[index(below: elements.count)] }

  /// Uniform in -extent ..< extent.
  mutating func jitter(_ extent: Float) -> Float { (2 * Float(uniform()) - 1) * extent }

  /// Fisher and Yates's shuffle.
  mutating func shuffle<Element>(_ elements: inout [Element]) {
    for i in elements.indices.reversed() { elements.swapAt(i, index(below: i + 1)) }
  }
}
