import Tensors
import Testing

@testable import Autograd

/// Compares an operation's gradients with central differences of sum(output * projection).
struct GradientCheck {
  let backend: Backend
  var inputs: [Variable] = []
  var parameters: [Parameter] = []

  init(_ backend: Backend, inputs: [Variable] = [], parameters: [Parameter] = []) {
    self.backend = backend
    self.inputs = inputs
    self.parameters = parameters
  }

  func callAsFunction(
    tolerance: Double = 2e-3, dropout: DropoutKey? = nil, _ operation: (Tape) -> some Differentiable
  ) {
    func tape() -> Tape { Tape(on: backend, dropout: dropout) }
    let first = tape()
    let output = operation(first)
    let made = output.value(on: backend)
    let projection = randomMatrix(made.rows, made.columns, on: backend, seed: 99)
    output.gatheredGradient?.add(projection, on: backend)
    first.backward()
    func value() -> Double {
      let y = operation(Tape(on: backend, recording: false, dropout: dropout)).value(on: backend)
      return zip(y.elements, projection.elements).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    for input in inputs {
      let gradient = input.gradientSum?.take()?.matrix(on: backend).elements ?? []
      #expect(gradient.count == input.value.count)
      compare(gradient, input.value, tolerance, value)
    }
    for parameter in parameters {
      var gradient = parameter.gradient?.elements ?? []
      for rows in first.sparseGradients where rows.table === parameter {
        for (index, id) in rows.ids.enumerated() {
          for column in 0..<parameter.value.columns {
            gradient[Int(id) * parameter.value.columns + column] += rows.rows.row(index)[column]
          }
        }
      }
      compare(gradient, parameter.value, tolerance, value)
    }
  }

  func compare(_ gradient: [Float], _ x: Matrix, _ tolerance: Double, _ value: () -> Double) {
    let step: Float = 1e-2
    for i in stride(from: 0, to: x.count, by: max(1, x.count / 40)) {
      let kept = x.pointer[i]
      x.pointer[i] = kept + step
      let above = value()
      x.pointer[i] = kept - step
      let below = value()
      x.pointer[i] = kept
      let expected = (above - below) / (2 * Double(step))
      #expect(abs(Double(gradient[i]) - expected) < tolerance * (1 + abs(expected)), "element \(i)")
    }
  }
}

/// What an operation makes: a variable, or what linear layers take.
protocol Differentiable {
  func value(on backend: Backend) -> Matrix
  var gatheredGradient: GradientAccumulator? { get }
}

extension Variable: Differentiable {
  func value(on backend: Backend) -> Matrix { value }
  var gatheredGradient: GradientAccumulator? { gradientSum }
}

extension LinearInput: Differentiable {
  func value(on backend: Backend) -> Matrix { rows.elements.matrix(on: backend) }
  var gatheredGradient: GradientAccumulator? { gradient?.sum }
}

func randomMatrix(_ rows: Int, _ columns: Int, on backend: Backend, seed: UInt64) -> Matrix {
  var random = Philox(seed: seed, stream: 7)
  let matrix = backend.matrix(rows, columns)
  for i in 0..<matrix.count { matrix.pointer[i] = Float(random.normal()) }
  return matrix
}

/// Parameters in an arena of their own, trainable and with random values.
func bind(_ parameters: [Parameter], on backend: Backend, seed: UInt64 = 5) -> ParameterArena {
  let arena = ParameterArena(parameters, isTrainable: { _ in true }, on: backend)
  var random = Philox(seed: seed, stream: 8)
  for parameter in parameters {
    for i in 0..<parameter.count { parameter.value.pointer[i] = Float(random.normal()) }
  }
  return arena
}
