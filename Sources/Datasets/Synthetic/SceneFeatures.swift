import Tensors

/// A fixed extractor of features from pictures, a stand-in for an image encoder: colour and edge statistics on grids,
/// through a fixed random projection. It is computed from pixels alone, by sums, products and roots in a fixed order,
/// so that it has the same bits on every machine.
///
/// 1. Every pixel has a hue, in twelve bins of which it weights two, and a chroma (the largest channel less the
///    smallest). Its edge is the central difference of the channel that changes most, in one of eight directions.
/// 2. Chroma is summed by hue over the cells of a 4×4 grid, the upper and lower and the left and right half; the edges'
///    strength by hue and direction over the four halves.
/// 3. The root of each sum is taken, so that one shape more or less always counts about the same, and all are
///    projected to 512 by a matrix of random signs.
public enum SceneFeatures {
  public static let width = 512
  /// What the store says of the embeddings' origin.
  public static let encoder = "capstan-scenes-1"

  private static let hues = 12
  private static let directions = 8
  private static let grid = 4
  private static let halves = 4
  private static let colorCells = grid * grid + halves
  private static let statistics = colorCells * hues + halves * hues * directions

  /// cos and sin of multiples of 45°.
  private static let compass: [SIMD2<Float>] = [
    [1, 0], [0.70710678, 0.70710678], [0, 1], [-0.70710678, 0.70710678], [-1, 0], [-0.70710678, -0.70710678],
    [0, -1], [0.70710678, -0.70710678],
  ]

  /// ±1, [statistics, width].
  private static let signs: [Float] = {
    var random = CounterRandom(seed: 0, stream: "scene features")
    return (0..<statistics * width).map { _ in random.next() & 1 == 0 ? 1 : -1 }
  }()

  /// The embedding of a picture, [width].
  public static func embedding(of picture: Picture) -> [Float] {
    var embedding = [Float](repeating: 0, count: width)
    signs.withUnsafeBufferPointer { signs in
      for (index, sum) in sums(of: picture).enumerated() where sum > 0 {
        let root = sum.squareRoot()
        for column in 0..<width { embedding[column] += root * signs[index * width + column] }
      }
    }
    let scale = 1 / Float(statistics).squareRoot()
    return embedding.map { $0 * scale }
  }

  /// Chroma by [cell, hue], then edges by [half, hue, direction].
  private static func sums(of picture: Picture) -> [Float] {
    var sums = [Float](repeating: 0, count: statistics)
    let colors = (0..<picture.width * picture.height).map { picture[$0] / 255 }
    for y in 1..<picture.height - 1 {
      for x in 1..<picture.width - 1 {
        let color = colors[y * picture.width + x]
        let chroma = color.max() - color.min()
        guard chroma > 0.04 else { continue }
        let (bin, share) = hue(of: color, chroma)
        let cell = y * grid / picture.height * grid + x * grid / picture.width
        let inHalves = [y < picture.height / 2 ? 0 : 1, x < picture.width / 2 ? 2 : 3]
        let edge = edge(
          across: colors[y * picture.width + x + 1] - colors[y * picture.width + x - 1],
          down: colors[(y + 1) * picture.width + x] - colors[(y - 1) * picture.width + x])
        for (bin, share) in [(bin, 1 - share), ((bin + 1) % hues, share)] {
          sums[cell * hues + bin] += share * chroma
          for half in inHalves {
            sums[(grid * grid + half) * hues + bin] += share * chroma
            sums[colorCells * hues + (half * hues + bin) * directions + edge.direction] +=
              share * edge.strength
          }
        }
      }
    }
    return sums
  }

  /// The hue's bin, and the share of it that belongs to the next.
  private static func hue(of color: Picture.Color, _ chroma: Float) -> (bin: Int, share: Float) {
    let top = color.max()
    var sixths =
      if top == color.x {
        (color.y - color.z) / chroma
      } else if top == color.y {
        2 + (color.z - color.x) / chroma
      } else {
        4 + (color.x - color.y) / chroma
      }
    if sixths < 0 { sixths += 6 }
    let position = sixths * Float(hues) / 6
    let bin = min(Int(position), hues - 1)
    return (bin, position - Float(bin))
  }

  /// The direction in which the channel that changes most grows, and by how much.
  private static func edge(across: Picture.Color, down: Picture.Color) -> (direction: Int, strength: Float) {
    let squares = across * across + down * down
    let channel = (0..<3).max { squares[$0] < squares[$1] } ?? 0
    let gradient = SIMD2(across[channel], down[channel])
    let along = compass.map { ($0 * gradient).sum() }
    let direction = along.indices.max { along[$0] < along[$1] } ?? 0
    return (direction, squares[channel].squareRoot() / 2)
  }
}
