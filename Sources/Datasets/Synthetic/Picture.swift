/// A picture of 8-bit red, green and blue, row by row from the top: pixels[(y * width + x) * 3 + channel].
public struct Picture: Equatable, Sendable {
  typealias Color = SIMD3<Float>

  public let width: Int
  public let height: Int
  public private(set) var pixels: [UInt8]

  /// A blank picture of one colour, whose channels go from 0 to 255.
  init(width: Int, height: Int, color: Color) {
    self.width = width
    self.height = height
    pixels = [UInt8](repeating: 0, count: width * height * 3)
    for y in 0..<height {
      for x in 0..<width { self[x, y] = color }
    }
  }

  private(set) subscript(x: Int, y: Int) -> Color {
    get {
      let start = (y * width + x) * 3
      return Color(Float(pixels[start]), Float(pixels[start + 1]), Float(pixels[start + 2]))
    }
    set {
      let start = (y * width + x) * 3
      let rounded = newValue.rounded(.toNearestOrAwayFromZero).clamped(
        lowerBound: .zero, upperBound: Color(repeating: 255))
      for channel in 0..<3 { pixels[start + channel] = UInt8(rounded[channel]) }
    }
  }

  /// Paints the shape that `contains` describes in units of `radius` around the centre, x to the right and y
  /// down. The centre lies in the picture, the shape within 1.5 of it. A pixel takes as much of the colour as
  /// the share of its 4×4 sample points that are inside, which smooths the edges.
  mutating func paint(
    _ color: Color, center: SIMD2<Float>, radius: Float, contains: (SIMD2<Float>) -> Bool
  ) {
    let reach = 1.5 * radius
    let columns = Int(max(0, center.x - reach))..<Int(min(Float(width), center.x + reach + 1))
    let rows = Int(max(0, center.y - reach))..<Int(min(Float(height), center.y + reach + 1))
    for y in rows {
      for x in columns {
        var covered: Float = 0
        for sample in 0..<16 {
          let offset = SIMD2(Float(sample % 4), Float(sample / 4)) * 0.25 + 0.125
          let point = SIMD2(Float(x), Float(y)) + offset
          if contains((point - center) / radius) { covered += 1 / 16 }
        }
        if covered > 0 { self[x, y] += (color - self[x, y]) * covered }
      }
    }
  }
}
