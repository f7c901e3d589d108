import Autograd

/// A convolution that cuts images into patches and makes a row of each, for CLIP's vision transformers (Dosovitskiy et al.
/// 2021, section 3.1): its stride is as wide as its kernel.
public struct PatchEmbedding: Sendable {
  public let grid: PatchGrid
  /// [width, channels, edge, edge]
  public let weight: Parameter
  public let bias: Parameter?

  /// - Parameter name: the module's name in the state dict; the default initialisation is `torch.nn.Conv2d`'s.
  public init(_ name: String, _ grid: PatchGrid, width: Int, hasBias: Bool) {
    self.grid = grid
    let standard = Initialization.linear(inputs: grid.patchSize)
    weight = Parameter(
      name + ".weight", shape: [width, grid.channels, grid.edge, grid.edge], standard, isMatmulWeight: true)
    bias = hasBias ? Parameter(name + ".bias", shape: [width], standard) : nil
  }

  public var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }

  /// images: [images, channels · height · width] → [images · patches, width]
  public func callAsFunction(_ images: Variable, on tape: Tape) -> Variable {
    tape.linear(
      tape.input(tape.unfoldPatches(images, grid)), weight: weight, bias: bias, layout: .outputsByInputs)
  }
}
