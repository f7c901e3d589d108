import CKernels
import Tensors

extension Tape {
  /// y = x · W + b. x: [rows, inputs], b: [outputs], y: [rows, outputs].
  public func linear(
    _ x: LinearInput, weight: Parameter, bias: Parameter? = nil, layout: WeightLayout
  ) -> Variable {
    let layer = LinearLayer(weight, bias, layout, of: x, on: self)
    let y = backend.matrix(x.packing.rows, layer.outputs)
    backend.multiply(x.rows, layer.factor, into: y, bias: bias?.value, columnBlock: columnBlock)
    let isNeeded = isRecording && layer.requiresGradient
    let output = Variable(y, packing: x.packing, isNeeded ? GradientAccumulator(takesRounded: true) : nil)
    record(output.gradientSum, contributingTo: layer.gradients, layer.backward(on: self))
    return output
  }

  /// y = f(x · W + b), for further linear layers. In bfloat16 the product ends in the function.
  public func linear(
    _ x: LinearInput, weight: Parameter, bias: Parameter? = nil, layout: WeightLayout, _ function: Activation
  ) -> LinearInput {
    let layer = LinearLayer(weight, bias, layout, of: x, on: self)
    let (y, known) = backend.multiply(
      x.rows, layer.factor, outputs: layer.outputs, bias: bias?.value, function, keepingKnown: isRecording,
      columnBlock: columnBlock)
    let output = LinearInput(
      y, packing: x.packing, requiresGradient: isRecording && layer.requiresGradient,
      activation: AppliedActivation(function: function, known: known), on: backend)
    record(output.gradient?.sum, contributingTo: layer.gradients, layer.backward(on: self))
    return output
  }

  /// y = residual + dropout(x · W + b): the end of a branch, which exists in this sum alone.
  public func linear(
    _ x: LinearInput, weight: Parameter, bias: Parameter? = nil, layout: WeightLayout,
    addedTo residual: Variable, dropout probability: Float = 0
  ) -> Variable {
    let layer = LinearLayer(weight, bias, layout, of: x, on: self)
    let site = nextDropout(probability)
    let y = backend.matrix(x.packing.rows, layer.outputs)
    backend.multiply(
      x.rows, layer.factor, into: y, bias: bias?.value, addend: site == nil ? residual.value : nil,
      columnBlock: columnBlock)
    if let site {
      backend.drop(x.packing, site) { rows, mask in
        let y = y.row(rows.lowerBound)
        backend.kernels.dropout(
          y, residual.value.row(rows.lowerBound), y, rows.count * layer.outputs, mask)
      }
    }
    let output = variable(
      y, x.packing, requiresGradient: residual.requiresGradient || layer.requiresGradient)
    let backward = layer.backward(on: self)
    record(output.gradientSum, contributingTo: layer.gradients) {
      [backend, packing = x.packing, sum = residual.gradientSum] dy in
      sum?.add(dy, on: backend)
      backward(site.map { backend.dropped(dy, packing, $0) } ?? dy)
    }
    return output
  }
}

/// A linear layer, and how its gradients come from that of its output.
private struct LinearLayer {
  let factor: WeightOperand
  let outputs: Int
  private let weightGradient: ParameterGradient?
  private let biasGradient: ParameterGradient?
  private let layout: WeightLayout
  private let x: LinearInput

  init(_ weight: Parameter, _ bias: Parameter?, _ layout: WeightLayout, of x: LinearInput, on tape: Tape) {
    (self.layout, self.x) = (layout, x)
    weightGradient = tape.gradient(of: weight)
    biasGradient = bias.flatMap(tape.gradient(of:))
    factor = WeightOperand(weight, layout)
    precondition(factor.rows.count == x.width, "\(weight.name) takes as many inputs as there are")
    outputs = layout == .inputsByOutputs ? weight.value.columns : weight.value.rows
  }

  var gradients: [ParameterGradient?] { [weightGradient, biasGradient] }

  /// Of the output.
  var requiresGradient: Bool { x.requiresGradient || gradients.contains { $0 != nil } }

  func backward(on tape: Tape) -> (_ dy: BatchElements) -> Void {
    // A frozen weight has no use for what went in.
    let input = weightGradient == nil ? nil : x.rows
    return {
      [
        backend = tape.backend, columnBlock = tape.columnBlock, packing = x.packing, sum = x.gradient, factor,
        layout, weightGradient, biasGradient
      ] dy in
      let outputGradient = MatmulInput(dy, packing, on: backend)
      sum?.add(productOf: outputGradient, factor.transposed, columnBlock: columnBlock, on: backend)
      if let weightGradient, let input {
        let (a, b) = layout == .inputsByOutputs ? (input, outputGradient) : (outputGradient, input)
        weightGradient.add(productOf: a, b)
      }
      if let biasGradient {
        biasGradient.add(
          backend.laneSums(packing.lanes, count: dy.columns) { lane, sums in
            dy.sum(packing.rows(ofLane: lane), into: sums, on: backend)
          })
      }
    }
  }
}
