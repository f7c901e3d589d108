import Autograd
import CKernels
import Foundation
import Tensors

/// AdamW (Loshchilov and Hutter 2019) over the flat arena.
public final class AdamW {
  /// Which of the published updates: they differ in where epsilon is added and when the weight decays.
  public enum Variant: String, Sendable, CaseIterable {
    /// `torch.optim.AdamW`.
    case pytorch
    /// Hugging Face's AdamW, which ClipCap used: epsilon before the bias correction, decay after the update.
    case huggingface
    /// TensorFlow 1's `AdamOptimizer` (Kingma and Ba 2015, the order of computation at the end of section 2): as
    /// `huggingface`, but nothing decays.
    case tensorflow
  }

  public struct Options: Sendable {
    public var convention: Variant
    public var beta1: Double
    public var beta2: Double
    public var epsilon: Double
    /// Of parameters that no group is given for. 0 for `tensorflow`.
    public var weightDecay: Double

    public init(convention: Variant, beta1: Double, beta2: Double, epsilon: Double, weightDecay: Double) {
      self.convention = convention
      self.beta1 = beta1
      self.beta2 = beta2
      self.epsilon = epsilon
      self.weightDecay = weightDecay
    }
  }

  public let options: Options
  /// First and second moments, [1, arena.trainableCount] each.
  public let moment1: Matrix
  public let moment2: Matrix
  /// Of each trainable parameter.
  private let groups: [ObjectIdentifier: ParameterGroup]
  private let arena: ParameterArena
  private let backend: Backend

  /// - Parameter group: of a parameter; nil: its rate is the step's, and its decay that of the options.
  public init(
    _ options: Options, arena: ParameterArena, group: ((Parameter) -> ParameterGroup)? = nil,
    on backend: Backend
  ) {
    self.options = options
    groups = Dictionary(
      uniqueKeysWithValues: arena.trainableParameters.map {
        (ObjectIdentifier($0), group?($0) ?? ParameterGroup(weightDecay: options.weightDecay))
      })
    self.arena = arena
    self.backend = backend
    moment1 = arena.memory.sharedBuffer(arena.trainableCount)
    moment2 = arena.memory.sharedBuffer(arena.trainableCount)
  }

  /// Updates trainable parameters from the arena's gradients.
  /// - Parameters:
  ///   - blocks: what is updated; nil: everything.
  ///   - step: counts from 1.
  ///   - gradientScale: what the gradients are multiplied by first, for clipping their norm.
  ///   - clipValue: the largest magnitude of an element of the gradient, as `torch.nn.utils.clip_grad_value_` has it, when
  ///     its norm has been clipped; nil: any.
  public func update(
    _ blocks: [UpdateBlock]? = nil, step: Int, learningRate: Double, gradientScale: Double,
    clipValue: Double? = nil
  ) {
    let blocks = blocks ?? arena.blocks
    func correction(_ beta: Double) -> Float { Float(1 - pow(beta, Double(step))) }
    let common = capstan_adamw(
      learning_rate: 0, beta1: Float(self.options.beta1), beta2: Float(self.options.beta2),
      epsilon: Float(self.options.epsilon), weight_decay: 0,
      one_minus_beta1: Float(1 - self.options.beta1), one_minus_beta2: Float(1 - self.options.beta2),
      bias_correction1: correction(self.options.beta1), bias_correction2: correction(self.options.beta2),
      gradient_scale: Float(gradientScale), clip_value: clipValue.map { Float($0) } ?? .infinity,
      decay_after_update: self.options.convention != .pytorch)
    backend.pool.parallel(blocks.count) { index in
      let (start, count) = (blocks[index].range.lowerBound, blocks[index].range.count)
      guard let group = groups[ObjectIdentifier(blocks[index].parameter)] else {
        preconditionFailure("blocks are of trained parameters")
      }
      var options = common
      options.learning_rate = Float(learningRate * group.rateFactor)
      options.weight_decay = Float(group.weightDecay)
      backend.kernels.adamw(
        arena.values.pointer + start, moment1.pointer + start, moment2.pointer + start,
        arena.gradients.pointer + start, count, &options)
      blocks[index].repack(on: backend)
    }
  }
}
