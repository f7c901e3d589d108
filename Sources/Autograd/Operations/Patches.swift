import Tensors

/// How images lie in rows, and the square patches that they are cut into.
public struct PatchGrid: Sendable {
  public let channels: Int
  public let height: Int
  public let width: Int
  /// Edge of a patch.
  public let edge: Int

  /// - Parameter edge: divides height and width.
  public init(channels: Int, height: Int, width: Int, edge: Int) {
    precondition(height % edge == 0 && width % edge == 0, "patches cover the image")
    self.channels = channels
    self.height = height
    self.width = width
    self.edge = edge
  }

  /// Patches of an image, row by row.
  public var count: Int { height / edge * (width / edge) }
  /// Numbers of a patch.
  public var patchSize: Int { channels * edge * edge }
  /// Numbers of an image.
  public var imageSize: Int { channels * height * width }

  /// Calls `body` for every run of numbers that lie side by side both in an image and in its patches.
  fileprivate func forEachRun(_ body: (_ inImage: Int, _ inPatches: Int) -> Void) {
    let across = width / edge
    for channel in 0..<channels {
      for y in 0..<height {
        for column in 0..<across {
          let patch = y / edge * across + column
          body(
            (channel * height + y) * width + column * edge,
            patch * patchSize + (channel * edge + y % edge) * edge)
        }
      }
    }
  }
}

extension Tape {
  /// Images cut into patches, for a convolution whose stride is as wide as its kernel: the product with its weight is the
  /// convolution. For the vision transformers of CLIP (Dosovitskiy et al. 2021, section 3.1).
  ///
  /// - Parameter images: [images, channels · height · width], each in the order channel, row, column, as PyTorch has them.
  /// - Returns: [images · patches, channels · edge · edge], in the order of `torch.nn.Conv2d`'s weight.
  public func unfoldPatches(_ images: Variable, _ grid: PatchGrid) -> Variable {
    precondition(images.width == grid.imageSize, "images have as many numbers as their shape")
    let packing = images.packing
    let lengths = (0..<packing.sequences).map { packing.rows(ofSequence: $0).count * grid.count }
    let y = backend.matrix(images.rows * grid.count, grid.patchSize)
    backend.pool.parallel(images.rows) { image in
      let (from, to) = (images.value.row(image), y.row(image * grid.count))
      grid.forEachRun { (to + $1).update(from: from + $0, count: grid.edge) }
    }
    let output = variable(y, packing.with(lengths: lengths), requiresGradient: images.requiresGradient)
    record(output) { [backend, rows = images.rows, sum = images.gradientSum] dy in
      let dx = backend.matrix(rows, grid.imageSize)
      backend.pool.parallel(rows) { image in
        let (from, to) = (dy.row(image * grid.count), dx.row(image))
        grid.forEachRun { (to + $0).update(from: from + $1, count: grid.edge) }
      }
      sum?.add(dx, on: backend)
    }
    return output
  }
}
