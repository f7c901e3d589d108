import Foundation

/// A tape of the plainest kind: matrices of doubles, a handful of operations of which all others are made, and gradients
/// that every use adds to. It knows nothing of lanes, ranks or sparse rows.
final class NaiveTape {
  final class Node {
    let rows: Int
    let columns: Int
    var value: [Double]
    var gradient: [Double]

    init(_ rows: Int, _ columns: Int, _ value: [Double]) {
      (self.rows, self.columns, self.value) = (rows, columns, value)
      gradient = value.map { _ in 0 }
    }
  }

  private var backwardSteps: [() -> Void] = []

  func backward(from loss: Node) {
    loss.gradient = [1]
    while let step = backwardSteps.popLast() { step() }
  }

  func product(_ a: Node, _ b: Node) -> Node {
    let y = Node(a.rows, b.columns, Array(repeating: 0, count: a.rows * b.columns))
    addProduct(a.value, (a.columns, 1), b.value, (b.columns, 1), to: &y.value, a.rows, b.columns, a.columns)
    backwardSteps.append {
      addProduct(
        y.gradient, (b.columns, 1), b.value, (1, b.columns), to: &a.gradient, a.rows, a.columns, b.columns)
      addProduct(
        a.value, (1, a.columns), y.gradient, (b.columns, 1), to: &b.gradient, b.rows, b.columns, a.rows)
    }
    return y
  }

  func transpose(_ a: Node) -> Node {
    rearranged(
      a.columns, a.rows, (0..<a.columns).flatMap { c in (0..<a.rows).map { (a, $0 * a.columns + c) } })
  }

  /// Rows of nodes of one width, one under the other.
  func stack(_ rows: [(node: Node, row: Int)]) -> Node {
    let width = rows[0].node.columns
    return rearranged(
      rows.count, width, rows.flatMap { row in (0..<width).map { (row.node, row.row * width + $0) } })
  }

  func gather(_ a: Node, _ rows: [Int]) -> Node { stack(rows.map { (a, $0) }) }

  func sum(_ a: Node, _ b: Node) -> Node {
    let y = Node(a.rows, a.columns, zip(a.value, b.value).map(+))
    backwardSteps.append {
      for i in y.value.indices {
        a.gradient[i] += y.gradient[i]
        b.gradient[i] += y.gradient[i]
      }
    }
    return y
  }

  /// Element by element.
  func times(_ a: Node, _ b: Node) -> Node {
    let y = Node(a.rows, a.columns, zip(a.value, b.value).map(*))
    backwardSteps.append {
      for i in y.value.indices {
        a.gradient[i] += y.gradient[i] * b.value[i]
        b.gradient[i] += y.gradient[i] * a.value[i]
      }
    }
    return y
  }

  func map(_ a: Node, _ f: (Double) -> Double, slope: @escaping (_ x: Double, _ y: Double) -> Double) -> Node
  {
    let y = Node(a.rows, a.columns, a.value.map(f))
    backwardSteps.append {
      for i in y.value.indices { a.gradient[i] += y.gradient[i] * slope(a.value[i], y.value[i]) }
    }
    return y
  }

  /// Some columns of every row.
  func columns(_ a: Node, _ range: Range<Int>) -> Node {
    rearranged(
      a.rows, range.count, (0..<a.rows).flatMap { row in range.map { (a, row * a.columns + $0) } })
  }

  private func rearranged(_ rows: Int, _ columns: Int, _ sources: [(node: Node, index: Int)]) -> Node {
    let y = Node(rows, columns, sources.map { $0.node.value[$0.index] })
    backwardSteps.append {
      for (i, source) in sources.enumerated() { source.node.gradient[source.index] += y.gradient[i] }
    }
    return y
  }
}

/// y += a · b; each operand with what lies between two of its rows and between two of its columns.
private func addProduct(
  _ a: [Double], _ aStrides: (Int, Int), _ b: [Double], _ bStrides: (Int, Int), to y: inout [Double],
  _ rows: Int, _ columns: Int, _ inner: Int
) {
  a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      y.withUnsafeMutableBufferPointer { y in
        for row in 0..<rows {
          for column in 0..<columns {
            var (sum, i, j) = (0.0, row * aStrides.0, column * bStrides.1)
            for _ in 0..<inner {
              sum += a[i] * b[j]
              i += aStrides.1
              j += bStrides.0
            }
            y[row * columns + column] += sum
          }
        }
      }
    }
  }
}

/// The operations of ``Tape``, made of the above.
extension NaiveTape {
  func constant(_ rows: Int, _ columns: Int, _ element: (_ row: Int, _ column: Int) -> Double) -> Node {
    Node(rows, columns, (0..<rows).flatMap { row in (0..<columns).map { element(row, $0) } })
  }

  /// A row for each of as many rows.
  func repeated(_ row: Node, _ count: Int) -> Node { gather(row, Array(repeating: 0, count: count)) }

  func tanh(_ a: Node) -> Node { map(a, Foundation.tanh) { _, y in 1 - y * y } }

  func sigmoid(_ a: Node) -> Node {
    map(a) {
      1 / (1 + exp(-$0))
    } slope: { _, y in
      y * (1 - y)
    }
  }

  func silu(_ a: Node) -> Node { times(a, sigmoid(a)) }

  /// x · W + b, W as [inputs, outputs].
  func linear(_ x: Node, _ weight: Node, _ bias: Node?) -> Node {
    let y = product(x, weight)
    return bias.map { sum(y, repeated($0, y.rows)) } ?? y
  }

  func rmsNorm(_ x: Node, _ scale: Node, epsilon: Double) -> Node {
    let meanSquare = product(times(x, x), constant(x.columns, x.columns) { _, _ in 1 / Double(x.columns) })
    let inverse = map(meanSquare) {
      1 / ($0 + epsilon).squareRoot()
    } slope: { _, y in
      -y * y * y / 2
    }
    return times(times(x, inverse), repeated(scale, x.rows))
  }

  func layerNorm(_ x: Node, _ scale: Node, _ shift: Node, epsilon: Double) -> Node {
    let minusMean = product(x, constant(x.columns, x.columns) { _, _ in -1 / Double(x.columns) })
    return sum(rmsNorm(sum(x, minusMean), scale, epsilon: epsilon), repeated(shift, x.rows))
  }

  /// - Parameter sequences: the rows of each.
  func lstm(_ gates: Node, _ recurrent: Node, sequences: [Range<Int>]) -> Node {
    let width = recurrent.rows
    func gate(_ sums: Node, _ index: Int) -> Node {
      columns(sums, index * width..<(index + 1) * width)
    }
    let one = constant(1, width) { _, _ in 1 }
    var rows: [(Node, Int)] = []
    for sequence in sequences {
      var (hidden, cell) = (constant(1, width) { _, _ in 0 }, constant(1, width) { _, _ in 0 })
      for row in sequence {
        let sums = sum(gather(gates, [row]), product(hidden, recurrent))
        let added = times(sigmoid(gate(sums, 0)), tanh(gate(sums, 1)))
        cell = sum(times(sigmoid(sum(gate(sums, 2), one)), cell), added)
        hidden = times(sigmoid(gate(sums, 3)), tanh(cell))
        rows.append((hidden, 0))
      }
    }
    return stack(rows)
  }

  /// The sum over rows of weight · −log softmax(x · tableᵀ)[target].
  func crossEntropy(_ x: Node, _ table: Node, _ targets: [Int], _ weights: [Double]) -> Node {
    let logits = product(x, transpose(table))
    let ones = constant(table.rows, 1) { _, _ in 1 }
    let logSums = map(product(map(logits, exp) { _, y in y }, ones), log) { sum, _ in 1 / sum }
    let minusTargets = product(
      times(logits, constant(x.rows, table.rows) { $1 == targets[$0] ? -1 : 0 }), ones)
    return product(constant(1, x.rows) { weights[$1] }, sum(logSums, minusTargets))
  }
}
