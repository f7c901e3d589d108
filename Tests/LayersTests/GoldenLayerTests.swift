import FileFormats
import Foundation
import Layers
import Tensors
import Testing

@testable import Autograd

/// Single layers against what PyTorch and transformers computed; see `Golden/make_golden.py`.
@Suite struct GoldenLayerTests {
  private let file: SafetensorsFile
  private let backend: Backend

  init() throws {
    let path = try #require(Bundle.module.url(forResource: "Golden/layers", withExtension: "safetensors"))
    file = try SafetensorsFile(path: path.path)
    backend = try Backend(threads: 2)
  }

  private func matrix(_ name: String) throws -> Matrix {
    let shape = try file.shape(of: name)
    let matrix = backend.matrix(shape[0], shape.dropFirst().reduce(1, *))
    try file.copyFloats(of: name, to: matrix.pointer)
    return matrix
  }

  private func integers(_ name: String) throws -> [Int] { try file.array(name).integers() }

  private func expectClose(
    _ found: Matrix?, _ name: String, tolerance: Float = 2e-5,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let (found, expected) = (try #require(found).elements, try file.floats(of: name))
    try #require(found.count == expected.count, sourceLocation: sourceLocation)
    let largest = zip(found, expected).map { abs($0 - $1) / (1 + abs($1)) }.max() ?? 0
    #expect(largest <= tolerance, "\(name) is \(largest) off", sourceLocation: sourceLocation)
  }

  /// Runs a layer forward and backward on what the file has for it, and compares everything.
  /// - Parameters:
  ///   - parameters: by their names in the file; the others are buffers.
  ///   - lengths: of sequences; nil: each row is one.
  private func check(
    _ layer: String, parameters: [(name: String, parameter: Parameter)] = [], lengths: [Int]? = nil,
    tolerance: Float = 2e-5, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (_ x: Variable, _ tape: Tape) -> Variable
  ) throws {
    _ = ParameterArena(parameters.map(\.parameter), isTrainable: { _ in true }, on: backend)
    for (name, parameter) in parameters {
      #expect(try file.shape(of: "\(layer)/\(name)") == parameter.shape, sourceLocation: sourceLocation)
      try file.copyFloats(of: "\(layer)/\(name)", to: parameter.value.pointer)
    }
    let values = try matrix(layer + "/x")
    let lengths = lengths ?? Array(repeating: 1, count: values.rows)
    let packing = Packing(lengths: lengths, laneSizes: [1, lengths.count - 1])
    let x = Variable(values, packing: packing, requiresGradient: true)
    let tape = Tape(on: backend)
    let y = body(x, tape)
    try expectClose(y.value, layer + "/y", tolerance: tolerance, sourceLocation: sourceLocation)
    y.addGradient(try matrix(layer + "/dy"), on: backend)
    tape.backward()
    try expectClose(x.gradient, layer + "/dx", tolerance: tolerance, sourceLocation: sourceLocation)
    for (name, parameter) in parameters where !parameter.isBuffer {
      try expectClose(
        parameter.gradient, "\(layer)/d\(name)", tolerance: tolerance, sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: [("silu", Activation.silu), ("quick_gelu", .quickGELU)])
  func activations(name: String, function: Activation) throws {
    try check(name) { $1.activate($0, function) }
  }

  @Test func rmsNorm() throws {
    let norm = RMSNorm("norm", width: 24)
    try check("rms_norm", parameters: [("scale", norm.scale)]) { norm($0, on: $1) }
  }

  @Test func layerNormOfASample() throws {
    let norm = LayerNorm("norm", width: 24, epsilon: 1e-6, deviation: .sample)
    try check("layer_norm_sample", parameters: [("scale", norm.scale), ("shift", norm.shift)]) {
      $1.exact(norm($0, on: $1))
    }
  }

  /// transformers computes angles in float32.
  @Test(arguments: ["queries", "keys"]) func rotaryPositions(name: String) throws {
    let positions = try integers("rotary/positions")
    let angles = RotaryPositions(headWidth: 8, count: 101, base: 100_000)
    try check("rotary_\(name)", tolerance: 1e-4) { $1.rotate($0, positions: positions, by: angles) }
  }

  @Test func gatedFeedForward() throws {
    func linear(_ name: String, _ inputs: Int, _ outputs: Int) -> Linear {
      Linear(name, inputs: inputs, outputs: outputs, hasBias: false)
    }
    let layer = GatedFeedForward(
      gate: linear("gate_proj", 32, 40), expand: linear("up_proj", 32, 40),
      contract: linear("down_proj", 40, 32))
    try check(
      "gated_feed_forward",
      parameters: [
        ("gate", layer.gate.weight), ("expand", layer.expand.weight), ("contract", layer.contract.weight),
      ]
    ) { layer($1.input($0), on: $1) }
  }

  @Test func frozenBatchNorm() throws {
    let norm = FrozenBatchNorm("bn1", channels: 6)
    let parameters = norm.parameters.map { (String($0.name.dropFirst(4)), $0) }
    try check("frozen_batch_norm", parameters: parameters) { norm($0, on: $1) }
  }

  @Test func patchEmbedding() throws {
    let layer = PatchEmbedding(
      "conv1", PatchGrid(channels: 3, height: 8, width: 12, edge: 4), width: 10, hasBias: true)
    let bias = try #require(layer.bias)
    try check("patch_embedding", parameters: [("weight", layer.weight), ("bias", bias)]) { layer($0, on: $1) }
  }

  @Test func sinusoidPositions() throws {
    let packing = Packing(lengths: [12], laneSizes: [1])
    let nothing = Variable(backend.zeros(12, 16), packing: packing)
    let y = Tape(on: backend).addPositions(
      nothing, Array(0..<12), of: SinusoidPositions(width: 16, count: 12))
    try expectClose(y.value, "sinusoid/y", tolerance: 1e-7)
  }

  @Test func lstm() throws {
    let layer = LSTM("lstm", inputs: 7, width: 9)
    var state: LSTMState?
    try check(
      "lstm",
      parameters: [("kernel", layer.kernel), ("recurrent", layer.recurrent), ("bias", layer.bias)],
      lengths: integers("lstm/lengths")
    ) {
      let (output, last) = layer($0, on: $1)
      state = last
      return output
    }
    try expectClose(state?.hidden, "lstm/hidden")
    try expectClose(state?.cell, "lstm/cell")
  }

  @Test(arguments: ["cross_attention", "causal_attention"]) func attention(name: String) throws {
    let lengths = try integers("cross_attention/lengths")
    let isCausal = name == "causal_attention"
    let memoryLengths = isCausal ? lengths : try integers("cross_attention/memory_lengths")
    func variable(_ part: String, _ lengths: [Int]) throws -> Variable {
      Variable(
        try matrix("\(name)/\(part)"), packing: Packing(lengths: lengths, laneSizes: [1, 2]),
        requiresGradient: true)
    }
    let (keys, values) = (try variable("keys", memoryLengths), try variable("values", memoryLengths))
    let bias = isCausal ? nil : try variable("bias", zip(lengths, memoryLengths).map(*))
    try check(name, lengths: lengths) {
      $1.exact(
        $1.attention(
          AttentionInputs(
            queries: AttentionView($0), keys: AttentionView(keys), values: AttentionView(values)), heads: 4,
          bias: bias, causal: isCausal))
    }
    try expectClose(keys.gradient, "\(name)/dkeys")
    try expectClose(values.gradient, "\(name)/dvalues")
    if let bias { try expectClose(bias.gradient, "\(name)/dbias") }
  }

  @Test func labelSmoothing() throws {
    let table = Parameter("table", shape: [11, 10], .zeros)
    _ = ParameterArena([table], isTrainable: { _ in true }, on: backend)
    try file.copyFloats(of: "label_smoothing/table", to: table.value.pointer)
    let x = Variable(
      try matrix("label_smoothing/x"), packing: Packing(lengths: [3, 4], laneSizes: [1, 1]),
      requiresGradient: true)
    let targets = Targets(
      ids: try integers("label_smoothing/targets").map(Int32.init), weights: Array(repeating: 1, count: 7),
      lossDenominator: 7, smoothing: 0.1)
    let tape = Tape(on: backend)
    let losses = tape.fusedLinearCrossEntropy(tape.input(x), table: table, targets: targets)
    tape.backward()
    let loss = backend.matrix(1, 1)
    loss.assign([Float(losses.reduce(0, +) / 7)])
    try expectClose(loss, "label_smoothing/loss")
    try expectClose(x.gradient, "label_smoothing/dx")
    try expectClose(table.gradient, "label_smoothing/dtable")
  }

  /// `torch.nn.init.xavier_uniform_` draws from ±√(6 / (inputs + outputs)).
  @Test func xavier() throws {
    guard case .uniform(let bound) = Initialization.xavier(inputs: 10, outputs: 14) else {
      Issue.record("Xavier's rule is uniform")
      return
    }
    #expect(bound == 0.5)
    let lstm = LSTM("lstm", inputs: 30, width: 20)
    let arena = ParameterArena(lstm.parameters, isTrainable: { _ in true }, on: backend)
    arena.initialize(seed: 1)
    // √(6 / (30 + 20 + 80)).
    let largest = lstm.kernel.value.elements.map(abs).max() ?? 0
    #expect(largest <= 0.21484 && largest > 0.2)
    #expect(lstm.bias.value.elements.allSatisfy { $0 == 0 })
  }
}

extension Tape {
  /// What linear layers take, in float32.
  fileprivate func exact(_ x: LinearInput) -> Variable {
    Variable(x.rows.elements.matrix(on: backend), packing: x.packing, x.gradient?.sum)
  }
}
