import Tensors

/// How a description becomes a picture of 64×64 pixels: each group is a row (or a column) of its shapes in
/// its own half of the picture, and everything is moved, scaled and tinted a little at random.
extension SceneDescription {
  static let pictureSide = 64

  func picture(using random: inout Philox) -> Picture {
    let paper = 235 + random.jitter(8)
    var picture = Picture(
      width: Self.pictureSide, height: Self.pictureSide, color: Picture.Color(repeating: paper))
    for (group, half) in [(first, Float(16)), (second, 48)] {
      // `along` runs in the direction of the group's row, `across` in that of the relation.
      let across = half + random.jitter(3)
      let middle = 32 + random.jitter(2 + 10 * Float(3 - group.count))
      for index in 0..<group.count {
        let along = middle + 19.5 * (Float(index) - Float(group.count - 1) / 2)
        let position = SIMD2(along, across) + SIMD2(random.jitter(0.75), random.jitter(0.75))
        picture.paint(
          group.color.shade(using: &random),
          center: relation == .above ? position : SIMD2(position.y, position.x),
          radius: group.size.radius * (1 + random.jitter(0.06)),
          contains: group.shape.contains)
      }
    }
    return picture
  }
}

extension SceneDescription.Size {
  /// In pixels.
  fileprivate var radius: Float {
    switch self {
    case .small: 3.6
    case .large: 7.3
    }
  }
}

extension SceneDescription.Color {
  fileprivate func shade(using random: inout Philox) -> Picture.Color {
    let pure: Picture.Color =
      switch self {
      case .red: [215, 40, 40]
      case .green: [40, 160, 60]
      case .blue: [40, 70, 210]
      case .yellow: [235, 215, 40]
      case .purple: [140, 50, 170]
      case .orange: [240, 130, 20]
      }
    return pure + Picture.Color(random.jitter(12), random.jitter(12), random.jitter(12))
  }
}

extension SceneDescription.Shape {
  /// Whether a point lies in the shape of radius 1 around the origin, y pointing down. Only sums, products
  /// and comparisons: they have the same bits on every machine.
  fileprivate var contains: (SIMD2<Float>) -> Bool {
    switch self {
    case .circle: { $0.x * $0.x + $0.y * $0.y <= 1 }
    case .square: { abs($0.x) <= 0.85 && abs($0.y) <= 0.85 }
    case .triangle: { $0.y <= 0.65 && $0.y >= 1.7320508 * abs($0.x) - 1.2 }
    case .diamond: { abs($0.x) + abs($0.y) <= 1.15 }
    }
  }
}
