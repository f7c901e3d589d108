import Autograd
import Optimization
import Tensors
import Testing

/// Three steps of learning rate 0.1, decay 0.01 and clipping at norm 1 on four numbers. The known answers come from
/// PyTorch 2.13: `torch.optim.AdamW` behind `clip_grad_norm_`, and for Hugging Face's convention the arithmetic of
/// `transformers.AdamW` (4.6, removed since) with epsilon 1e-6, in float32 tensors; for TensorFlow's, which has no decay, it
/// is the formula of its `ApplyAdam` with epsilon 1e-4 in NumPy's float32.
@Suite struct AdamWTests {
  private static let start: [Float] = [0.5, -1, 2, 0.25]
  private static let gradients: [[Float]] = [[3, -4, 0, 1], [0.1, 0.2, -0.3, 0.05], [-1, 2, 5, -0.5]]

  private static let pytorch: [[Float]] = [
    [0.3995000123977661, -0.8990000486373901, 1.9980000257492065, 0.1497500240802765],
    [0.3205678462982178, -0.8515665531158447, 2.070415735244751, 0.06628100574016571],
    [0.28081563115119934, -0.8441032767295837, 2.0256967544555664, 0.03366898372769356],
  ]
  private static let huggingface: [[Float]] = [
    [0.399605393409729, -0.8991039991378784, 1.9980000257492065, 0.14986611902713776],
    [0.32075580954551697, -0.8517187833786011, 2.070333480834961, 0.06649330258369446],
    [0.2810448110103607, -0.8442621827125549, 2.02565860748291, 0.03391825035214424],
  ]
  private static let tensorflow: [[Float]] = [
    [0.40053462982177734, -0.9004015326499939, 2.0, 0.1515868753194809],
    [0.32241612672805786, -0.8540482521057129, 2.0736374855041504, 0.06955000758171082],
    [0.2831835150718689, -0.8474600315093994, 2.0311293601989746, 0.03746197745203972],
  ]
  private static let grouped: [[Float]] = [
    [0.3995000123977661, -0.8990000486373901, 2.0, 0.20000000298023224],
    [0.31879642605781555, -0.8635404706001282, 2.0372068881988525, 0.16295947134494781],
    [0.3189251124858856, -0.8865950107574463, 2.024606227874756, 0.16521352529525757],
  ]

  @Test(arguments: [
    (AdamW.Variant.pytorch, 1e-8, 0.01, pytorch), (.huggingface, 1e-6, 0.01, huggingface),
    (.tensorflow, 1e-4, 0, tensorflow),
  ])
  func clippedSteps(
    convention: AdamW.Variant, epsilon: Double, weightDecay: Double, expected: [[Float]]
  ) throws {
    let backend = try Backend(threads: 1)
    let parameter = Parameter("p", shape: [4], .zeros)
    let arena = ParameterArena([parameter], isTrainable: { _ in true }, on: backend)
    for (i, value) in Self.start.enumerated() { parameter.value.pointer[i] = value }
    let optimizer = AdamW(
      AdamW.Options(
        convention: convention, beta1: 0.9, beta2: 0.999, epsilon: epsilon, weightDecay: weightDecay),
      arena: arena, on: backend)
    for (index, gradient) in Self.gradients.enumerated() {
      for (i, value) in gradient.enumerated() { arena.gradients.pointer[i] = value }
      let norm = arena.gradientNorm(on: backend)
      optimizer.update(
        step: index + 1, learningRate: 0.1, gradientScale: clippingScale(norm: norm, limit: 1))
      for (found, expected) in zip(parameter.value.elements, expected[index]) {
        #expect(abs(found - expected) < 5e-7, "step \(index + 1)")
      }
    }
  }

  /// PyTorch 2.13: `clip_grad_value_` at 0.5 in place of the norm, and two groups, the second with a rate of 0.05 and
  /// without decay.
  @Test func groupsAndClippedValues() throws {
    let backend = try Backend(threads: 1)
    let (a, b) = (Parameter("a", shape: [2], .zeros), Parameter("b", shape: [2], .zeros))
    let arena = ParameterArena([a, b], isTrainable: { _ in true }, on: backend)
    a.value.assign(Self.start.prefix(2))
    b.value.assign(Self.start.suffix(2))
    let optimizer = AdamW(
      AdamW.Options(convention: .pytorch, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01),
      arena: arena,
      group: {
        $0 === a ? ParameterGroup(weightDecay: 0.01) : ParameterGroup(rateFactor: 0.5, weightDecay: 0)
      },
      on: backend)
    for (index, gradient) in Self.gradients.enumerated() {
      a.gradient?.assign(gradient.prefix(2))
      b.gradient?.assign(gradient.suffix(2))
      optimizer.update(step: index + 1, learningRate: 0.1, gradientScale: 1, clipValue: 0.5)
      for (found, expected) in zip(a.value.elements + b.value.elements, Self.grouped[index]) {
        #expect(abs(found - expected) < 5e-7, "step \(index + 1)")
      }
    }
  }

  @Test func norms() throws {
    let backend = try Backend(threads: 1)
    let arena = ParameterArena(
      [Parameter("p", shape: [4], .zeros)], isTrainable: { _ in true }, on: backend)
    let norms = Self.gradients.map { gradient in
      for (i, value) in gradient.enumerated() { arena.gradients.pointer[i] = value }
      return arena.gradientNorm(on: backend)
    }
    // What clip_grad_norm_ returned.
    for (found, expected) in zip(norms, [5.099019527435303, 0.3774917423725128, 5.5]) {
      #expect(abs(found - expected) < 1e-6)
    }
    arena.gradients.pointer[2] = .nan
    #expect(!arena.gradientNorm(on: backend).isFinite)
  }

  @Test func clipping() {
    #expect(clippingScale(norm: 5, limit: nil) == 1)
    #expect(clippingScale(norm: 0.5, limit: 1) == 1)
    #expect(clippingScale(norm: 4, limit: 1) == 1 / (4 + 1e-6))
    #expect(clippingScale(norm: 0, limit: 1) == 1)
  }
}
