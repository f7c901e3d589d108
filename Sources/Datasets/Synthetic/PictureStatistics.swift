/// Colour and edge statistics of a picture on a grid: what is seen roughly where.
///
/// A histogram holds, of every pixel, its chroma at its hue (the two nearest of 6 around the colour hexagon
/// share it) and the strength of its edge at the edge's direction (the nearest of 8). Histograms are summed
/// over each of 4×4 cells and over the upper, lower, left and right half: a spatial pyramid (Lazebnik, Schmid
/// and Ponce 2006) of histograms of oriented gradients (Dalal and Triggs 2005). Of every sum the square root
/// is taken, so that a group of three does not drown one of one (Arandjelović and Zisserman 2012).
///
/// Only sums, products, comparisons and square roots in a fixed order: the same bits on every machine. A
/// picture of nothing but grey paper has statistics of zero.
enum PictureStatistics {
  private static let hues = 6
  private static let directions: [SIMD2<Float>] = {
    let diagonal = Float(0.5).squareRoot()
    return [
      [1, 0], [diagonal, diagonal], [0, 1], [-diagonal, diagonal],
      [-1, 0], [-diagonal, -diagonal], [0, -1], [diagonal, -diagonal],
    ]
  }()
  private static let bins = hues + directions.count
  private static let side = 4
  /// The cells of each region: every cell alone, then the four halves.
  private static let regions: [[Int]] = {
    let cells = Array(0..<side * side)
    let halves: [(Int) -> Bool] = [
      { $0 / side < side / 2 }, { $0 / side >= side / 2 }, { $0 % side < side / 2 },
      { $0 % side >= side / 2 },
    ]
    return cells.map { [$0] } + halves.map { cells.filter($0) }
  }()

  /// Numbers per picture.
  static let count = regions.count * bins

  /// [regions × bins], the bins of a region together: hues, then directions.
  static func of(_ picture: Picture) -> [Float] {
    var cells = [Float](repeating: 0, count: side * side * bins)
    for y in 0..<picture.height {
      for x in 0..<picture.width {
        let cell = (y * side / picture.height * side + x * side / picture.width) * bins
        addHue(of: picture[x, y], to: &cells, at: cell)
        addEdge(of: picture, x, y, to: &cells, at: cell + hues)
      }
    }
    return regions.flatMap { region in
      (0..<bins).map { bin in region.reduce(0) { $0 + cells[$1 * bins + bin] }.squareRoot() }
    }
  }

  /// Hue and chroma of the colour hexagon (Smith 1978), chroma from 0 to 1.
  private static func addHue(of color: Picture.Color, to histogram: inout [Float], at start: Int) {
    let (red, green, blue) = (color.x, color.y, color.z)
    let strongest = color.max()
    let chroma = strongest - color.min()
    guard chroma > 0 else { return }
    // Red is at 0, yellow at 1, green at 2, cyan at 3, blue at 4, magenta at 5, and red again at 6.
    let hue =
      if strongest == red {
        green >= blue ? (green - blue) / chroma : 6 + (green - blue) / chroma
      } else if strongest == green {
        2 + (blue - red) / chroma
      } else {
        4 + (red - green) / chroma
      }
    let lower = Int(hue)
    let share = hue - Float(lower)
    histogram[start + lower % hues] += chroma / 255 * (1 - share) * colorWeight
    histogram[start + (lower + 1) % hues] += chroma / 255 * share * colorWeight
  }

  /// A quarter brings the deviation of colours near to that of edges.
  private static let colorWeight: Float = 0.25

  /// The central difference of the channel where it is largest.
  private static func addEdge(
    of picture: Picture, _ x: Int, _ y: Int, to histogram: inout [Float], at start: Int
  ) {
    let horizontal = picture[min(x + 1, picture.width - 1), y] - picture[max(x - 1, 0), y]
    let vertical = picture[x, min(y + 1, picture.height - 1)] - picture[x, max(y - 1, 0)]
    let energy = horizontal * horizontal + vertical * vertical
    let largest = energy.max()
    guard largest > 0 else { return }
    let channel = energy.x == largest ? 0 : energy.y == largest ? 1 : 2
    let gradient = SIMD2(horizontal[channel], vertical[channel])
    var nearest = 0
    var projection = -Float.infinity
    for (index, direction) in directions.enumerated() {
      let along = gradient.x * direction.x + gradient.y * direction.y
      if along > projection { (nearest, projection) = (index, along) }
    }
    histogram[start + nearest] += largest.squareRoot() / 510
  }
}
